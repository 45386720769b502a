"""System collections and their fields per version of Directus: generated, do not edit.

From the packages @directus/system-data 1.1.1, 2.0.0, 2.1.0, 4.0.0, 4.4.0, 4.5.0, 4.6.0, 4.7.0 (MIT):
`python -m tests.differential.generate_system_fields`. After a name: `*` = it points at another collection, `>V` =
not yet there in V, `<V` = no longer there from V on. What is before the colon is the collection's own.
"""

from __future__ import annotations

from typing import Final

SYSTEM_FIELDS: Final = (
    "directus_access>10.13: id>10.13 policy*>10.13 role*>10.13 sort>10.13 user*>10.13",
    "directus_activity: action collection comment<11.14 id ip item origin revisions timestamp user* user_agent",
    "directus_collections: accountability accountability_divider archive_app_filter archive_divider archive_field archive_value autosave_revision_interval>11.17 collapse collection collection_divider color content_translations_divider>11.14 content_versioning_divider display_template duplication_divider group* hidden icon item_duplication_fields note preview_divider preview_url singleton sort sort_divider sort_field status>12.0 translations translations_enable_helper>11.14 unarchive_value versioning",
    "directus_comments>11.0: collection*>11.0 comment>11.0 date_created>11.0 date_updated>11.0 id>11.0 item>11.0 user_created*>11.0 user_updated*>11.0",
    "directus_dashboards: color date_created icon id name note panels user_created*",
    "directus_deployment_projects>11.14: date_created>11.14 deployable>11.14 deployment*>11.14 external_id>11.14 framework>11.14 id>11.14 name>11.14 runs>11.14 url>11.14 user_created*>11.14",
    "directus_deployment_runs>11.14: completed_at>11.14 date_created>11.14 external_id>11.14 id>11.14 project*>11.14 started_at>11.14 status>11.14 target>11.14 url>11.14 user_created*>11.14",
    "directus_deployments>11.14: credentials>11.14 date_created>11.14 id>11.14 last_synced_at>11.14 options>11.14 projects>11.14 provider>11.14 user_created*>11.14 webhook_ids>11.14",
    "directus_extensions: bundle enabled folder id source",
    "directus_fields: collection* conditions display display_options field group* hidden id interface note options readonly required searchable>11.1 sort special translations validation validation_message width",
    "directus_files: charset created_on description duration embed filename_disk filename_download filesize focal_point_divider focal_point_x focal_point_y folder* height id location metadata modified_by* modified_on storage storage_divider tags title tus_data tus_id type uploaded_by* uploaded_on width",
    "directus_flows: accountability color date_created description folder*>12.2 icon id name operation* operations options status trigger user_created*",
    "directus_folders: id name parent* type>12.2",
    "directus_migrations: name timestamp version",
    "directus_notifications: collection id item message recipient* sender* status subject timestamp",
    "directus_oauth_clients>11.17: client_id>11.17 client_name>11.17 client_secret_hash>11.17 client_uri>11.17 date_created>11.17 grant_types>11.17 logo_uri>11.17 metadata_etag>11.17 metadata_expires_at>11.17 metadata_fetched_at>11.17 policy_uri>11.17 redirect_uris>11.17 registration_type>11.17 token_endpoint_auth_method>11.17 tokens>11.17 tos_uri>11.17",
    "directus_oauth_codes>11.17: client*>11.17 code_challenge>11.17 code_challenge_method>11.17 code_hash>11.17 expires_at>11.17 id>11.17 redirect_uri>11.17 resource>11.17 scope>11.17 used_at>11.17 user*>11.17",
    "directus_oauth_consents>11.17: client*>11.17 date_created>11.17 date_updated>11.17 id>11.17 redirect_uri>11.17 scope>11.17 user*>11.17",
    "directus_oauth_tokens>11.17: client*>11.17 code_hash>11.17 date_created>11.17 expires_at>11.17 id>11.17 previous_session>11.17 resource>11.17 scope>11.17 session>11.17 user*>11.17",
    "directus_operations: date_created flow* id key name options position_x position_y reject* resolve* type user_created*",
    "directus_panels: color dashboard* date_created height icon id name note options position_x position_y show_header type user_created* width",
    "directus_permissions: action collection fields id permissions policy*>10.13 presets role*<11.0 validation",
    "directus_policies>10.13: admin_access>10.13 app_access>10.13 assigned_to_divider>10.13 description>10.13 enforce_tfa>10.13 icon>10.13 id>10.13 ip_access>10.13 name>10.13 permissions>10.13 roles>10.13 users>10.13",
    "directus_presets: bookmark collection color filter icon id layout layout_options layout_query refresh_interval role* search user*",
    "directus_relations: id junction_field many_collection many_field one_allowed_collections one_collection one_collection_field one_deselect_action one_field sort_field",
    "directus_revisions: activity* collection data delta id item parent* version*",
    "directus_roles: admin_access<11.0 app_access<11.0 children>10.13 description enforce_tfa<11.0 icon id ip_access<11.0 name parent*>10.13 policies>10.13 users users_divider>10.13 users_group>10.13",
    "directus_sessions: expires ip next_token oauth_client*>11.17 origin share* token user* user_agent",
    "directus_settings: ai_anthropic_allowed_models>11.14 ai_anthropic_api_key>11.1 ai_divider>11.1 ai_google_allowed_models>11.14 ai_google_api_key>11.14 ai_group>11.1 ai_notice>11.1 ai_openai_allowed_models>11.14 ai_openai_api_key>11.1 ai_openai_compatible_api_key>11.14 ai_openai_compatible_base_url>11.14 ai_openai_compatible_divider>11.14 ai_openai_compatible_headers>11.14 ai_openai_compatible_models>11.14 ai_openai_compatible_name>11.14 ai_openai_compatible_notice>11.17 ai_system_prompt>11.1 ai_translation_default_model>11.17 ai_translation_divider>11.17 ai_translation_glossary>11.17 ai_translation_style_guide>11.17 ai_translations_notice>11.17 auth_login_attempts auth_password_policy basemaps branding_divider collaborative_editing_divider>11.14 collaborative_editing_enabled>11.14 custom_aspect_ratios custom_css default_appearance default_language default_save_action>12.0 default_theme_dark default_theme_light files_divider id image_editor license_key>11.17 license_token>11.17 map_divider mapbox_key mcp_allow_deletes>11.1 mcp_divider>11.1 mcp_enabled>11.1 mcp_group>11.1 mcp_notice>11.1 mcp_oauth_cimd_enabled>11.17 mcp_oauth_clients_link>11.17 mcp_oauth_dcr_enabled>11.17 mcp_oauth_enabled>11.17 mcp_prompts_collection>11.1 mcp_prompts_collection_validation>11.1 mcp_system_prompt>11.1 mcp_system_prompt_divider>11.1 mcp_system_prompt_enabled>11.1 module_bar modules_divider org_name>11.1 product_updates>11.1 project_color project_descriptor project_id>11.1 project_logo* project_name project_owner>11.1 project_status>11.1 project_url project_usage>11.1 public_background* public_favicon* public_foreground* public_note public_registration public_registration_divider public_registration_email_filter public_registration_role* public_registration_verify_email report_bug_url report_error_url report_feature_url reporting_divider security_divider storage_asset_presets storage_asset_transform storage_default_folder* theme_dark_overrides theme_light_overrides theming_divider theming_group visual_editor_divider>11.1 visual_editor_urls>11.1",
    "directus_shares: collection* date_created date_end date_start id item max_uses name password role* times_used user_created*",
    "directus_translations: id key language value",
    "directus_users: admin_divider appearance auth_data avatar* description email email_notifications external_identifier first_name id language last_access last_name last_page location password policies>10.13 preferences_divider provider role* status tags text_direction>11.1 tfa_secret theme_dark theme_dark_overrides theme_light theme_light_overrides theming_divider title token",
    "directus_versions: collection* date_created date_updated delta>11.0 hash id item key name user_created* user_updated*",
    "directus_webhooks<11.14: actions<11.14 collections<11.14 data<11.14 headers<11.14 id<11.14 method<11.14 migrated_flow*<11.14 name<11.14 status<11.14 triggers_divider<11.14 url<11.14 was_active_before_deprecation<11.14",
)
