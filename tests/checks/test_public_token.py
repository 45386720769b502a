"""Whose a token in a tracked file is, as far as its name tells."""

from __future__ import annotations

from typing import Final

from directus_guard.checks import catalogue
from directus_guard.checks.declaration import ProjectCheck
from directus_guard.checks.result import Failure
from directus_guard.directus.code import HeldToken, Holds, Package
from directus_guard.directus.project import Project
from directus_guard.finding import Confidence, Location
from directus_guard.secret import Secret
from tests.support.each import each_case

HERE: Final = Location(".env", 1)
TOKEN: Final = "h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Aj"
OTHERS: Final = (
    "github gitlab npm sentry slack telegram discord stripe mapbox cloudflare vercel netlify railway supabase openai anthropic hugging figma contentful shopify algolia mailgun sendgrid resend twilio turnstile captcha firebase google "
    "facebook meta instagram spotify twitch crowdin codecov sonar docker jwt csrf session cookie next_auth nextauth nuxt preview revalidate webhook cron strapi sanity notion airtable hubspot bot_ coolify dokploy caprover portainer heroku "
    "fly_ render_ digitalocean digital_ocean hetzner linode aws azure gcp_ kube vault doppler infisical tailscale n8n zapier posthog plausible umami matomo datadog grafana snyk linear_ jira bitbucket gitea expo_ postmark brevo mailchimp "
    "klaviyo intercom zendesk paypal mollie plaid deepl elevenlabs replicate groq mistral gemini cohere apify pinecone qdrant weaviate upstash turso planetscale cloudinary pusher ably_ onesignal dropbox linkedin twitter tiktok pinterest "
    "youtube strava storyblok prismic sinch vonage tmdb igdb"
)


def found(name: str, value: str = TOKEN, *, depends: bool = True) -> Confidence | None:
    """How sure it is that a value of this name is a token of Directus; None: it is not taken for one."""
    token = HeldToken(HERE, Holds.FILE, name, Secret(value))
    check = catalogue()["public-token"]
    assert isinstance(check, ProjectCheck)
    answers = [
        one for _, one in check.judge(Project((), packages=(Package(".", HERE, tokens=(token,), depends=depends),)))
    ]
    failures = [one for one in answers if isinstance(one, Failure)]
    assert len(failures) <= 1
    return failures[0].confidence if failures else None


@each_case("name", OTHERS.split())
def test_tokens_of_other_programs(name: str) -> None:
    assert found(f"{name.rstrip('_').upper()}_TOKEN") is None
    assert found("API_TOKEN") is not None


@each_case(
    ("name", "sure"),
    [
        ("TOKEN", False), ("API_TOKEN", False), ("apiToken", False), ("my_token", False), ("STATIC_TOKEN", False), ("DIRECTUS_TOKEN", True), ("DIRECTUS_ACCESS_TOKEN", True), ("directusToken", True), ("DIRECTUS_API_KEY", True), ("DIRECTUS_ACCESS_KEY", True), ("DIRECTUS_SECRET", True), ("DIRECTUS_GITHUB_TOKEN", True),
        ("API_TOKENS", None), ("TOKEN_VALUE", None), ("apitoken", None), ("API_KEY", None), ("DIRECTUS_URL", None), ("DIRECTUS_TOKEN_NAME", None), ("DIRECTUS_TOKEN_URL", None), ("DIRECTUS_TOKEN_URI", None), ("DIRECTUS_TOKEN_TTL", None), ("DIRECTUS_TOKEN_EXPIRY", None),
        ("DIRECTUS_TOKEN_COOKIE", None), ("DIRECTUS_TOKEN_ENDPOINT", None), ("DIRECTUS_TOKEN_PATH", None), ("DIRECTUS_TOKEN_STORAGE_KEY", None), ("DIRECTUS_TOKEN_HEADER", None), ("DIRECTUS_TOKEN_PREFIX", None), ("DIRECTUS_TOKEN_TYPE", None), ("DIRECTUS_TOKEN_MAX_AGE", None), ("DIRECTUS_TOKEN_REFRESH_URL", None),
        ("DIRECTUS_TOKEN_LIFETIME", None), ("DIRECTUS_TOKEN_ENABLED", None), ("DIRECTUS_REFRESH_TOKEN_NAME", None), ("DIRECTUS_REFRESH_TOKEN", False), ("DIRECTUS_REFRESH_TOKEN_COOKIE", None),
    ],
)  # fmt: skip
def test_names_of_tokens(name: str, sure: bool | None) -> None:
    assert (found(name) is not None) is (sure is not None)
    # Where no client of Directus is used, only what names Directus is one.
    assert (found(name, depends=False) is not None) is (sure is True)


@each_case(("value", "is_one"), [(TOKEN, True), (TOKEN[:16], True), ("changeme", False), ("your-token-here", False), ("${TOKEN}", False), ("", False)])  # fmt: skip
def test_values_of_tokens(value: str, is_one: bool) -> None:
    assert (found("DIRECTUS_TOKEN", value) is not None) is is_one
