"""Commands that a server of Terraform runs when it is made, in the module and in templates beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.sources.collect import collect
from tests.support.each import each_case
from tests.support.repositories import cut, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

RUN = "docker run -d -e PUBLIC_URL=https://${var.zone} -e SECRET=written-down directus/directus:12.4.1"


@each_case(
    ("path", "text"),
    [
        ("main.tf", 'resource "aws_instance" "cms" {\n  user_data = <<-EOT\n    #!/bin/bash\n    set -e\n    RUN\n  EOT\n}\n'),
        ("main.tf", 'resource "aws_instance" "cms" {\n  user_data = <<EOT\n#!/bin/bash\nRUN\nEOT\n}\n'),
        ("main.tf", 'resource "aws_launch_template" "cms" {\n  user_data = base64encode(<<-EOT\n    #!/bin/bash\n    RUN\n  EOT\n  )\n}\n'),
        ("main.tf", 'resource "hcloud_server" "cms" {\n  user_data = <<-EOT\n    #cloud-config\n    runcmd:\n      - RUN\n  EOT\n}\n'),
        ("main.tf", 'locals {\n  start = "#!/bin/sh\\nRUN\\n"\n}\n'),
        ("cms.tofu", 'resource "null_resource" "x" {\n  provisioner "remote-exec" {\n    inline = ["set -e", "RUN"]\n  }\n}\n'),
        ("cloud-init.yaml.tftpl", "#cloud-config\nruncmd:\n  - RUN\n"),
        ("templates/user-data.sh.tftpl", "#!/bin/bash\nRUN\n"),
    ],
)  # fmt: skip
def test_a_container_that_is_started(tmp_path: Path, path: str, text: str) -> None:
    (made,) = collect(repository(tmp_path, {path: text.replace("RUN", RUN)})).deployments
    assert texts(made.variables) == [("PUBLIC_URL", None), ("SECRET", "written-down")]
    assert cut(tmp_path, made.variables[1].location) == "written-down"


@each_case(
    "text",
    [
        'resource "aws_instance" "cms" {\n  user_data = "#!/bin/sh\\ndocker run -d nginx # not directus\\n"\n}\n',
        "# docker run -e SECRET=x directus/directus\n",
        'resource "aws_instance" "cms" {\n  user_data = file("start.sh") # docker run directus\n}\n',
    ],
)
def test_what_starts_no_directus(tmp_path: Path, text: str) -> None:
    assert collect(repository(tmp_path, {"main.tf": text})).deployments == ()
