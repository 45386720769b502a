ARG BASE=python:3.13-slim
FROM ${BASE} AS git

# Its version is the base image's business.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/*

FROM ${BASE}

# git tells which files are tracked and reads revisions: its one program does that alone (2 MB; the package brings 17).
COPY --from=git /usr/bin/git /usr/bin/git
RUN git --version

COPY requirements.lock /opt/directus-guard/
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: \
    --requirement /opt/directus-guard/requirements.lock

COPY entrypoint.py /opt/directus-guard/
COPY directus_guard /opt/directus-guard/directus_guard
RUN python -m compileall -q /opt/directus-guard

# An empty folder: without a mount there is nothing to judge. GitHub's runner sets a working directory of its own.
WORKDIR /work

# GitHub's runner mounts the workspace and the output files as root and offers no way to choose a user.
ENTRYPOINT ["python", "/opt/directus-guard/entrypoint.py"]
