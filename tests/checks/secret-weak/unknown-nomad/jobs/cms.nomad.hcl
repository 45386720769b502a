locals {
  origin = "https://www.example.com"
}

job "cms" {
  group "web" {
    task "directus" {
      driver = "docker"

      config {
        image = "directus/directus:12.4.1"
      }

      template {
        destination = "secrets/directus.env"
        env         = true
        data        = <<-EOT
          PUBLIC_URL=https://cms.example.com
          SECRET={{ key "cms/secret" }}
        EOT
      }

      env {
        CORS_ENABLED = true
        CORS_ORIGIN  = local.origin
      }
    }
  }
}
