# The action host as an image. Both stages take their packages from deps.sh, so there is one list.
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY deps.sh ./
RUN ./deps.sh build
COPY . .
RUN make build/release/actionhost && strip build/release/actionhost && build/release/actionhost version

FROM debian:bookworm-slim
COPY deps.sh /tmp/deps.sh
RUN /tmp/deps.sh runtime && rm -rf /tmp/deps.sh /var/lib/apt/lists/* && useradd --system --no-create-home --shell /usr/sbin/nologin actionhost
COPY --from=build /src/build/release/actionhost /usr/local/bin/actionhost
COPY LICENSE NOTICE /usr/share/doc/actionhost/
USER actionhost
EXPOSE 8080
# SIGTERM drains: ready says no, calls in flight finish, exit 0
CMD ["actionhost", "serve"]
