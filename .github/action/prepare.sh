#!/usr/bin/env bash
# Looks at what the job checked out, and says which program will check it.
# Takes SMS, REQUIRE_EVALUATED, DEFAULT_BRANCH, BINARY; gives the outputs evidence, suffix, program, root and key.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=log.sh
. "$here/log.sh"

if ! command -v jq >/dev/null; then
  error 'there is no jq, which this action reads the findings with: install it before this step'
  exit 2
fi
if [ ! -d "$SMS" ]; then
  error 'the folder of the input path is not there; is the repository checked out?'
  exit 2
fi
# Where git cannot tell (no repository, or one of another user), attestry itself says what it misses.
shallow=$(git -C "$SMS" rev-parse --is-shallow-repository 2>/dev/null || echo unknown)
if [ "$shallow" = true ]; then
  words='the checkout is shallow, so that the history cannot be evaluated: put fetch-depth: 0 under with: of actions/checkout'
  if [ "$REQUIRE_EVALUATED" = true ]; then
    error "$words"
    exit 2
  fi
  warning "$words"
fi

# Several management systems of one repository get names of their own.
suffix=$(printf '%s' "$SMS" | LC_ALL=C tr -c 'A-Za-z0-9._' '-')
[ "$suffix" = . ] || printf 'suffix=-%s\n' "$suffix" >>"$GITHUB_OUTPUT"

# The checkout of a pull request does not say which branch is the default one.
default=refs/remotes/origin/$DEFAULT_BRANCH
if [ -n "$DEFAULT_BRANCH" ] && git -C "$SMS" rev-parse --verify --quiet "$default^{commit}" >/dev/null; then
  printf 'evidence=%s\n' "$default" >>"$GITHUB_OUTPUT"
fi

if [ -n "$BINARY" ]; then
  printf 'program=%s\n' "$BINARY" >>"$GITHUB_OUTPUT"
  exit
fi
if ! command -v cargo >/dev/null; then
  error 'there is no cargo to build attestry with: install Rust before this step, or name a built program in the input binary'
  exit 2
fi
# One cached program per content of the sources it is built from, compiler and system.
cd "$here/../.."
digest=$(
  {
    find build.rs Cargo.lock Cargo.toml src schema templates sample-sms -type f -print0 | LC_ALL=C sort -z |
      xargs -0 sha256sum
    cargo --version --verbose
    printf '%s\n' "${RUNNER_OS-}" "${RUNNER_ARCH-}" "${ImageOS-}"
  } | sha256sum
)
{
  printf 'root=%s/attestry-program\n' "$RUNNER_TEMP"
  printf 'program=%s/attestry-program/bin/attestry\n' "$RUNNER_TEMP"
  printf 'key=attestry-%s\n' "${digest%% *}"
} >>"$GITHUB_OUTPUT"
