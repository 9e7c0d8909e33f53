# icdref in a container: no root, nothing written at run time, the edition compiled at build time.
#
#   docker build -t icdref .
#   docker run --read-only --cap-drop ALL --security-opt no-new-privileges -p 8080:8080 icdref
#
# Every step that runs a command is in deploy/build-image.sh, which the tests run too. The base is pinned by the digest
# of its multi-platform index. No container engine was at hand when this file was written: the steps are tested, the
# file itself is not.
ARG BASE=python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d

FROM ${BASE} AS build
COPY . /src
RUN /src/deploy/build-image.sh /opt/icdref /var/lib/icdref

FROM ${BASE}
COPY --from=build /opt/icdref /opt/icdref
COPY --from=build /var/lib/icdref /var/lib/icdref
ENV PATH=/opt/icdref/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    ICDREF_DATA=/var/lib/icdref \
    ICDREF_HOST=0.0.0.0 \
    ICDREF_PORT=8080
USER 65534:65534
WORKDIR /
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 \
    CMD ["/opt/icdref/bin/python", "/opt/icdref/healthcheck.py"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/icdref/bin/icdref"]
CMD ["serve"]
