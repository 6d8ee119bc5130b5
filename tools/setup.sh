# Sourced by tools/quickstart and tools/check: goes from a bare Debian 12 with
# this checkout to a built memwall. Every step is skipped when it is done.

set -euo pipefail
memwall_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
memwall_preset=release # A caller may choose another.

memwall_packages=(
  cmake ninja-build python3 python3-jsonschema python3-psutil
  clang-22 lld-22 libstdc++-12-dev
  llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools
  libgtest-dev libbenchmark-dev valgrind libhwloc-dev
  python3-distributed
  node-d3 # The plots of HTML reports; without it memwall is built without them.
)

say() { printf '== %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

missing_packages() {
  local package
  for package in "${memwall_packages[@]}"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null |
      grep -qx installed || printf '%s\n' "$package"
  done
}

# LLVM 22 reaches Debian 12 through its security suite, which a minimal
# installation does not list; it stands beside the mirror that is listed.
add_security_suite() {
  local mirror
  mirror=$("${as_root[@]}" apt-get indextargets --format '$(REPO_URI)' \
    'Created-By: Packages' 'Codename: bookworm' | head -n 1)
  mirror=${mirror%/}
  [ -n "$mirror" ] || die "apt lists no Debian 12 (bookworm) mirror"
  say "Adding the suite bookworm-security to apt"
  echo "deb ${mirror}-security bookworm-security main" |
    "${as_root[@]}" tee /etc/apt/sources.list.d/memwall-security.list >/dev/null
  "${as_root[@]}" apt-get update -qq
}

has_candidate() {
  LC_ALL=C apt-cache policy "$1" 2>/dev/null |
    grep '^ *Candidate:' | grep -qv '(none)'
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  if [ ${#missing[@]} -eq 0 ]; then
    say "All ${#memwall_packages[@]} Debian packages are installed"
    return
  fi
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      die "not root and no sudo; missing packages: ${missing[*]}"
    as_root=(sudo)
  fi
  export DEBIAN_FRONTEND=noninteractive
  say "Updating apt's package lists"
  "${as_root[@]}" apt-get update -qq
  has_candidate libmlir-22-dev || add_security_suite
  say "Installing with apt: ${missing[*]}"
  # One line per package, as progress; everything else only when it fails.
  local log
  log=$(mktemp)
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}" </dev/null \
    2>&1 | tee "$log" | sed -un 's/^Need to get/   to fetch:/p
      s/^Unpacking \([^ ]*\).*/   unpacking \1/p
      s/^Setting up \([^ ]*\).*/   setting up \1/p'; then
    tail -n 30 "$log" >&2
    die "apt-get install failed"
  fi
  rm -f "$log"
}

build_memwall() {
  local log
  log=$(mktemp)
  say "Configuring in build/$memwall_preset"
  if ! (cd "$memwall_root" && cmake --preset "$memwall_preset") >"$log" 2>&1; then
    cat "$log" >&2
    die "cmake failed"
  fi
  rm -f "$log"
  say "Building (a full build takes some minutes on two cores)"
  ninja -C "$memwall_build" -j"$(nproc)" "$@" </dev/null
}

# Arguments: what to build; everything without. Leaves it in $memwall_build.
set_up_memwall() {
  memwall_build=$memwall_root/build/$memwall_preset
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
    die "this is not Debian; build with cmake --preset release and LLVM/MLIR 22"
  install_packages
  build_memwall "$@"
}
