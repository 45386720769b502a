variable "directus_secret" { type = string }
variable "db_password" { type = string }
resource "aws_ecs_task_definition" "directus" {
  family = "directus"
  container_definitions = jsonencode([{
    name  = "directus"
    image = "directus/directus:12.4.1"
    environment = [
      { name = "PUBLIC_URL", value = "https://cms.northwind.io" },
      { name = "DB_CLIENT", value = "pg" },
      { name = "DB_PASSWORD", value = var.db_password },
      { name = "SECRET", value = var.directus_secret },
    ]
  }])
}
