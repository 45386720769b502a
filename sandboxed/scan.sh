#!/bin/bash
# Starts the image of directus-guard so that a mistake in it can do little: no network, no capability, no new rights, nothing
# to write but its reports, no variable but those named here. The workspace is read-only. No token is passed.
set -euo pipefail

if [ -z "$IMAGE" ]; then # a release names the image by its digest here
  IMAGE=$(docker build --quiet "$ACTION/..")
fi

reports=$(mktemp -d "$RUNNER_TEMP/directus-guard.XXXXXX")
options=(
  --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges --user "$(id -u):$(id -g)"
  --mount "type=bind,source=$GITHUB_WORKSPACE,target=/github/workspace,readonly" --workdir /github/workspace
  --mount "type=bind,source=$GITHUB_EVENT_PATH,target=/github/event.json,readonly"
  --mount "type=bind,source=$GITHUB_OUTPUT,target=/github/output"
  --mount "type=bind,source=$GITHUB_STEP_SUMMARY,target=/github/summary"
  --mount "type=bind,source=$reports,target=/github/reports"
  --env GITHUB_ACTIONS=true
  --env GITHUB_WORKSPACE=/github/workspace
  --env GITHUB_EVENT_PATH=/github/event.json
  --env GITHUB_OUTPUT=/github/output
  --env GITHUB_STEP_SUMMARY=/github/summary
  --env "GITHUB_ACTION_REPOSITORY=$ACTION_REPOSITORY"
  --env "GITHUB_ACTION_REF=$ACTION_REF"
  --env DIRECTUS_GUARD_REPORTS=/github/reports
  --env INPUT_SARIF-FILE=directus-guard.sarif
  --env INPUT_JSON-FILE=directus-guard.json
  --env INPUT_UPLOAD-SARIF=false
)
for name in GITHUB_EVENT_NAME GITHUB_REPOSITORY GITHUB_SHA GITHUB_REF GITHUB_ACTOR GITHUB_SERVER_URL GITHUB_RUN_ID RUNNER_DEBUG; do
  options+=(--env "$name=${!name:-}")
done
for name in PATH FAIL_ON NEW_ACCESS MIN_SEVERITY MIN_CONFIDENCE NEW_ONLY INCOMPLETE CATEGORY ANNOTATIONS SUMMARY CONFIG \
  BASELINE STRICT MAX_TIME DIRECTUS_VERSION EDITION; do
  input=IN_$name
  options+=(--env "INPUT_${name//_/-}=${!input}")
done

code=0
docker run "${options[@]}" "$IMAGE" || code=$?
for kind in sarif json; do
  report=$reports/directus-guard.$kind
  if [ -f "$report" ] && [ ! -L "$report" ]; then # a link would lead the next step to another file
    echo "$kind-file=$report" >>"$GITHUB_OUTPUT"
  else
    echo "$kind-file=" >>"$GITHUB_OUTPUT"
  fi
done
exit "$code"
