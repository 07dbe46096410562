#!/usr/bin/env bash
# Start a throw-away OpenLDAP server for tests, on the loopback address only.
#
#   start-slapd.sh DIR PORT [--tenants NAME,NAME] [--users N] [--cert ok|wrongname|expired|selfsigned]
#                           [--allow-plain] [--strict]
#
# DIR   a directory of its own (made if absent, wiped if this script made it before)
# PORT  ldap:// with StartTLS; PORT+1 is ldaps://
#
# One server, one database and suffix per municipality (default two: alfa,beta), 1,500 people each.
# It behaves like Active Directory where that is what breaks clients:
#   * a simple bind with a DN and an EMPTY password succeeds as anonymous   (--strict turns that off)
#   * a search without paging stops at 1,000 entries with sizeLimitExceeded (page size max 1,000)
#   * a simple bind on a connection without TLS is refused                  (--allow-plain turns that off)
#   * a subtree search from the suffix returns a referral that leads nowhere
# Everything a test needs to know is in DIR/info.json and, for shells, DIR/info.env.
# Works as root or as any user; needs slapd, openssl and python3. Stop it with stop-slapd.sh DIR.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 2 ] || { sed -n '2,18p' "$0"; exit 2; }
dir=$1; port=$2; shift 2
tenants=alfa,beta users=1500 cert=ok plain=0 strict=0
while [ $# -gt 0 ]; do
  case $1 in
    --tenants) tenants=$2; shift 2;;
    --users) users=$2; shift 2;;
    --cert) cert=$2; shift 2;;
    --allow-plain) plain=1; shift;;
    --strict) strict=1; shift;;
    *) echo "unknown option $1" >&2; exit 2;;
  esac
done
slapd=$(command -v slapd || echo /usr/sbin/slapd)
slapadd=$(command -v slapadd || echo /usr/sbin/slapadd)
[ -x "$slapd" ] || { echo "slapd is not installed (Debian: apt-get install slapd)" >&2; exit 3; }
moddir=
for m in /usr/lib/ldap /usr/lib/*/ldap /usr/lib/openldap /usr/libexec/openldap; do
  [ -z "$moddir" ] && [ -e "$m/back_mdb.la" ] && moddir=$m
done

if [ -e "$dir" ]; then
  if [ -e "$dir/.throw-away-slapd" ]; then
    "$here/stop-slapd.sh" "$dir" >/dev/null 2>&1 || true
    rm -rf -- "$dir"
  elif [ -n "$(ls -A "$dir")" ]; then
    echo "$dir is not empty and was not made by this script" >&2; exit 2
  fi
fi
umask 077
mkdir -p "$dir/tls" "$dir/run"; touch "$dir/.throw-away-slapd"
dir=$(cd "$dir" && pwd)

# --- certificates: a CA, the server's certificate in the wanted shape, and a CA that signed nothing here
( cd "$dir/tls"
  newkey() { openssl ecparam -name prime256v1 -genkey -noout -out "$1" 2>/dev/null; }
  for ca in ca other-ca; do
    newkey $ca.key
    openssl req -x509 -new -key $ca.key -days 30 -subj "/O=throw-away/CN=$ca" -out $ca.pem \
      -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
  done
  newkey server.key
  # libldap asks for the machine's own name when told "localhost", so that name is in it too
  san="DNS:localhost,DNS:$(hostname),IP:127.0.0.1" days=30
  case $cert in
    ok|selfsigned) ;;
    wrongname) san="DNS:dc01.elsewhere.example";;
    expired) days=-1;;
    *) echo "unknown --cert $cert" >&2; exit 2;;
  esac
  if [ $cert = selfsigned ]; then
    openssl req -x509 -new -key server.key -days 30 -subj /CN=localhost -addext "subjectAltName=$san" -out server.pem 2>/dev/null
  else
    openssl req -new -key server.key -subj /CN=slapd-under-test -out server.csr 2>/dev/null
    printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$san" > ext
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -set_serial 2 -days $days -extfile ext -out server.pem 2>/dev/null
  fi )

# --- configuration
conf=$dir/slapd.conf
{
  for s in core cosine inetorgperson nis; do echo "include /etc/ldap/schema/$s.schema"; done
  echo "include $here/adlike.schema"
  [ -n "$moddir" ] && echo "modulepath $moddir"
  echo "moduleload back_mdb.la"
  echo "moduleload memberof.la"
  echo "moduleload ppolicy.la"
  echo "pidfile $dir/run/slapd.pid"
  echo "argsfile $dir/run/slapd.args"
  echo "TLSCACertificateFile $dir/tls/ca.pem"
  echo "TLSCertificateFile $dir/tls/server.pem"
  echo "TLSCertificateKeyFile $dir/tls/server.key"
  echo "TLSVerifyClient never"
  echo "sizelimit size=1000 size.pr=1000 size.prtotal=unlimited"
  echo "idletimeout 60"
  [ $strict = 1 ] || echo "allow bind_anon_cred"
  [ $plain = 1 ] || echo "security simple_bind=128"
  for t in ${tenants//,/ }; do
    mkdir -p "$dir/db-$t"
    cat <<CONF
database mdb
suffix "dc=$t,dc=example"
rootdn "cn=root,dc=$t,dc=example"
rootpw root-$t
directory $dir/db-$t
maxsize 268435456
dbnosync
index objectClass,uid,sAMAccountName,userPrincipalName,mail,objectGUID,member,memberOf,entryUUID eq
index whenChanged,modifyTimestamp eq
overlay memberof
memberof-dangling ignore
overlay ppolicy
access to attrs=userPassword by anonymous auth by self write by * none
access to * by dn.exact="cn=sync,ou=system,dc=$t,dc=example" read by self read by * none
CONF
  done
} > "$conf"

# --- data: the municipalities side by side, each in its own database
pids=()
for t in ${tenants//,/ }; do
  { python3 "$here/gen_ldif.py" --tenant "$t" --all "$tenants" --users "$users" > "$dir/$t.ldif" &&
    "$slapadd" -q -f "$conf" -b "dc=$t,dc=example" -l "$dir/$t.ldif" >"$dir/slapadd-$t.log" 2>&1; } &
  pids+=($!)
done
for p in "${pids[@]}"; do
  wait "$p" || { cat "$dir"/slapadd-*.log >&2 2>/dev/null || true; echo "loading the data failed" >&2; exit 4; }
done

python3 - "$dir" "$port" "$tenants" "$users" <<'PY'
import json, sys
d, port, tenants, users = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(","), int(sys.argv[4])
info = {"host": "localhost", "port": port, "ldaps_port": port + 1, "ca": d + "/tls/ca.pem",
        "other_ca": d + "/tls/other-ca.pem", "pidfile": d + "/run/slapd.pid", "tenants": {
    t: {"suffix": f"dc={t},dc=example", "people": f"ou=people,dc={t},dc=example",
        "groups": f"ou=groups,dc={t},dc=example", "sync_dn": f"cn=sync,ou=system,dc={t},dc=example",
        "sync_password": f"sync-{t}", "root_dn": f"cn=root,dc={t},dc=example",
        "root_password": f"root-{t}", "users": users} for t in tenants}}
json.dump(info, open(d + "/info.json", "w"), indent=1)
with open(d + "/info.env", "w") as f:
    f.write(f"LDAP_URI=ldap://localhost:{port}\nLDAPS_URI=ldaps://localhost:{port+1}\n"
            f"LDAPTLS_CACERT={info['ca']}\nLDAP_PIDFILE={info['pidfile']}\n")
PY

# slapd detaches only after its sockets listen, so it is ready when this returns
"$slapd" -f "$conf" -h "ldap://127.0.0.1:$port/ ldaps://127.0.0.1:$((port + 1))/" \
  || { echo "slapd did not start (port $port in use?)" >&2; exit 5; }
for _ in $(seq 50); do
  [ -s "$dir/run/slapd.pid" ] && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
  sleep 0.05
done
[ -s "$dir/run/slapd.pid" ] || { echo "slapd left no pid file" >&2; exit 5; }
echo "slapd pid $(cat "$dir/run/slapd.pid") on 127.0.0.1:$port (StartTLS) and :$((port + 1)) (TLS); see $dir/info.json"
