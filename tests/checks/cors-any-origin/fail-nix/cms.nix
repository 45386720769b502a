{ lib, config, ... }:
let
  host = "cms.acme.example";
in
{
  config = lib.mkIf config.services.cms.enable {
    virtualisation.oci-containers.containers.directus = {
      image = "directus/directus:12.4.1";
      environment = {
        PUBLIC_URL = "https://${host}";
        CORS_ENABLED = "true";
        CORS_ORIGIN = "true";
      };
      environmentFiles = [ config.sops.templates.cms.path ];
    };
  };
}
