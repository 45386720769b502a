variable "password" { default = "directus" }

resource "docker_container" "cms" {
  image = "directus/directus:12.4.1"
  env   = ["SECRET=${var.secret}", "DB_CLIENT=pg", "DB_PASSWORD=${var.password}"]
}
