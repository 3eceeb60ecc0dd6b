# docker build -t soglia --build-arg COMMIT=$(git rev-parse HEAD) .
# The image holds the program, roots of trust and time zones; no shell, no package manager, nobody's root.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# What "soglia version" names: the history is not copied.
ARG COMMIT=
RUN sh deploy/image.sh /image && chown -R 65532:65532 /image/run/soglia /image/data

FROM scratch
COPY --from=build /image /
ENV ZONEINFO=/zoneinfo.zip
USER 65532:65532
WORKDIR /data
EXPOSE 8480
ENTRYPOINT ["/soglia"]
CMD ["serve", "--file", "/etc/soglia/soglia.yaml"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s CMD ["/soglia", "healthcheck", "--admin", "unix:/run/soglia/admin.sock"]
