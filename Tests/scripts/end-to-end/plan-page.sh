#!/usr/bin/env bash
# Opens the page of a plan in a real browser: it is shown, it asks the network for nothing, and what names and values from outside hold
# does not run. That the browser would do all that, if it were let, is seen with a page that does.
set -euo pipefail
cd "$(dirname "$0")/../../.."
BIN=${BIN:-$(swift build --show-bin-path)}
PATH=$BIN:$PATH
place=$(mktemp -d)
server=
stop_server() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
}
trap 'stop_server; rm -rf "$place"' EXIT

fail() {
    echo "error: $*" >&2
    exit 1
}

# A server that writes down who asks it for what.
cat >"$place/server.py" <<'PYTHON'
import http.server, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(sys.argv[2], "a") as log:
            log.write(self.path + "\n")
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[1], "w") as port:
    port.write(str(server.server_port))
server.serve_forever()
PYTHON
touch "$place/asked"
python3 "$place/server.py" "$place/port" "$place/asked" &
server=$!
for _ in $(seq 100); do
    [ -s "$place/port" ] && break
    sleep 0.1
done
address=http://127.0.0.1:$(cat "$place/port")

# A browser with a home of its own; what it complains of is left in a file.
browser() { # arguments…
    timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
        --user-data-dir="$place/browser" --enable-logging=stderr --v=0 "$@" 2>"$place/complaints"
}

mkdir "$place/project"
cd "$place/project"
cat >main.tf <<HCL
locals {
  evil = <<-EOT
    </pre></style></title><script>document.title = "hacked"</script>
    <img src="$address/image" onerror="document.title = 'hacked'"><link rel="stylesheet" href="$address/sheet">
    <style>@import "$address/import"; body { background: url($address/background) }</style><iframe src="$address/frame"></iframe>
  EOT
}

resource "terraform_data" "evil" {
  for_each = toset([local.evil, "\"><script>document.title='hacked'</script>", "' onmouseover='document.title=1", "javascript:alert(1)"])
  input    = { (each.key) = each.key, note = local.evil }
}

resource "terraform_data" "after" {
  input = { for key, evil in terraform_data.evil : key => evil.id }
}

check "evil" {
  assert {
    condition     = terraform_data.after.input == null
    error_message = local.evil
  }
}

output "evil" { value = local.evil }
HCL
flinkform plan -out=plan.out >/dev/null
flinkform show -html plan.out >page.html
flinkform show -html plan.out | cmp - page.html || fail "the page is another each time"

echo "The policy names the style sheet that is there"
digest=$(python3 -c '
import base64, hashlib, re, sys
sheet = re.search("<style>(.*?)</style>", open(sys.argv[1]).read(), re.S).group(1)
print("sha256-" + base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode())' page.html)
grep -qF "style-src '$digest'" page.html || fail "the sheet's digest is $digest; the policy (PageStyle) has another"

echo "The browser shows it, and nothing in it runs"
browser --virtual-time-budget=3000 --dump-dom "file://$PWD/page.html" >shown.html
grep -q '<title>Plan: 5 to add, 0 to change, 0 to destroy.</title>' shown.html || fail "the title is another"
grep -q '<h2>To create <span class="count">5</span></h2>' shown.html || fail "the changes are not there"
grep -q '<svg' shown.html || fail "the graph is not there"
for element in script img link iframe object embed; do
    ! grep -qi "<$element[ >]" shown.html || fail "the page has an element <$element>"
done
[ "$(grep -ci '<style' shown.html)" = 1 ] || fail "the page has another style sheet"
! grep -qi 'Content Security Policy\|Refused to' "$place/complaints" || {
    cat "$place/complaints" >&2
    fail "the browser complains of the page"
}

echo "It can be looked at, wide and narrow, light and dark"
browser --window-size=1280,1600 --screenshot=wide.png "file://$PWD/page.html" >/dev/null
browser --window-size=420,1600 --force-dark-mode --screenshot=narrow.png "file://$PWD/page.html" >/dev/null
for picture in wide narrow; do
    [ "$(stat -c %s $picture.png)" -gt 20000 ] || fail "$picture.png shows next to nothing"
done
[ ! -s "$place/asked" ] || fail "the browser was made to ask for $(tr '\n' ' ' <"$place/asked")"

echo "It would have run and asked for more, had it been let"
printf '<!DOCTYPE html><title>before</title><script>document.title = "after"</script><img src="%s/control">' "$address" >control.html
browser --virtual-time-budget=3000 --dump-dom "file://$PWD/control.html" >control-shown.html
grep -q '<title>after</title>' control-shown.html || fail "this browser runs no script at all"
grep -q '^/control$' "$place/asked" || fail "this browser loads no image at all"

echo "The same page without a policy is as harmless"
sed 's/<meta http-equiv="Content-Security-Policy"[^>]*>//' page.html >open.html
browser --virtual-time-budget=3000 --dump-dom "file://$PWD/open.html" >open-shown.html
grep -q '<title>Plan: 5 to add' open-shown.html || fail "something in it ran"
[ "$(sort -u "$place/asked")" = /control ] || fail "it asked for $(tr '\n' ' ' <"$place/asked")"
echo "The page is a page, and nothing else."
