ARG BASE=python:3.13-slim

FROM ${BASE} AS git
# One program of the package and nothing that it depends on: the base image has the libraries, and `git --version` below says so.
WORKDIR /tmp
# Its version is the base image's business.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get download git \
    && dpkg-deb -x git_*.deb /unpacked

FROM ${BASE} AS packages
COPY requirements.lock /
WORKDIR /packages
# What is never imported is left out: anyio (asynchronous requests), pbr and setuptools (they build sarif-om). Of the packages only
# byte code is kept. It has no columns for tracebacks: compressed they take a quarter of it.
RUN pip install --no-cache-dir --disable-pip-version-check --no-compile --require-hashes --only-binary :all: \
        --target . --requirement /requirements.lock \
    && rm -r bin anyio anyio-* pbr pbr-* setuptools setuptools-* _distutils_hack distutils-precedence.pth \
    && PYTHONNODEBUGRANGES=1 python -m compileall -q -b . \
    && find . -name '*.py' -delete

FROM ${BASE}
# What changes most comes last: a release downloads again what has changed.
COPY --from=git /unpacked/usr/bin/git /usr/bin/git
COPY --from=packages /packages /opt/directus-guard/packages
RUN git --version
COPY entrypoint.py /opt/directus-guard/
COPY directus_guard /opt/directus-guard/directus_guard
RUN PYTHONNODEBUGRANGES=1 python -m compileall -q /opt/directus-guard/directus_guard

# An empty folder: without a mount there is nothing to judge. GitHub's runner sets a working directory of its own.
WORKDIR /work

# GitHub's runner mounts the workspace and the output files as root and offers no way to choose a user.
# -I: no variable and no file of the workspace decides what Python imports.
ENTRYPOINT ["python", "-I", "/opt/directus-guard/entrypoint.py"]
