#!/bin/sh
# image.sh - the builder of FULL=1: waits for orders of build.mjs and builds the image of a Dockerfile as Heroku would, with buildah. It runs
# outside the namespace, since apt in the Dockerfile needs the network. Started and ended by rehearse.sh; as root.
#   image.sh WORK        takes WORK/build.order (folder, Dockerfile, where the finished root goes), answers in WORK/build.result
work=$1
store=$work/images
tool() { buildah --root "$store/root" --runroot "$store/run" --storage-driver vfs "$@"; }
export BUILDAH_ISOLATION=chroot

# The base image of the Dockerfile cannot be pulled here: Debian's own debootstrap makes the same release from Debian's packages.
base() {
    from=$(sed -n 's/^FROM \([^ ]*\).*/\1/p' "$1" | sort -u)
    [ "$from" = debian:bookworm-slim ] || { echo "the Dockerfile is based on something else: $from"; return 1; }
    tool images -q "localhost/$from" 2>/dev/null | grep -q . && return 0
    rm -rf "$work/base"
    site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Component: main' | head -n 1)
    debootstrap --variant=minbase --include=ca-certificates bookworm "$work/base" "$site" || return 1
    # how this machine reaches Debian's packages is how the build does
    for file in /etc/apt/apt.conf.d/*; do case $(basename "$file") in *proxy*) cp "$file" "$work/base/etc/apt/apt.conf.d/" ;; esac; done
    rm -rf "$work/base/var/cache/apt/archives"/*.deb
    made=$(tool from scratch) && tool copy -q "$made" "$work/base" / && tool config --cmd bash "$made" &&
        tool commit -q "$made" "localhost/$from" && tool rm "$made" >/dev/null
    code=$?
    rm -rf "$work/base"
    return $code
}

order() {
    { read -r folder; read -r dockerfile; read -r target; } <"$work/build.order"
    rm -f "$work/build.order"
    begun=$(date +%s)
    base "$folder/$dockerfile" || return 1
    # without layers in between, since vfs copies the whole root for each
    timeout 1200 buildah --root "$store/root" --runroot "$store/run" --storage-driver vfs bud --network host --layers=false \
        -f "$folder/$dockerfile" -t actionhost "$folder" || return 1
    made=$(tool from --pull-never localhost/actionhost) || return 1
    root=$(tool mount "$made") && mkdir -p "$target" && cp -a "$root/." "$target/"
    code=$?
    tool inspect --format '
image: user {{.OCIv1.Config.User}}, command {{.OCIv1.Config.Cmd}}' "$made"
    echo
    echo "image: $(du -sh "$target" | cut -f1) in $(($(date +%s) - begun)) s"
    tool umount "$made" >/dev/null; tool rm "$made" >/dev/null
    # the names of the stand-ins and trust in them; Heroku runs an image as a user without rights
    cp "$work/hosts" "$target/etc/hosts" && cp "$work/tls/bundle.pem" "$target/etc/ssl/certs/ca-certificates.crt"
    mkdir -p "$target/app"
    return $code
}

while sleep 1; do
    [ -f "$work/build.order" ] || continue
    result='see image.log'
    if order; then result='done'; fi
    echo "$result" >"$work/build.result.new"
    mv "$work/build.result.new" "$work/build.result"
done
