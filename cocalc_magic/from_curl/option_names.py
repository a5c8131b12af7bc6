"""The names of curl's options, up to curl 8.16: long names, each with its letter where it has one."""

from __future__ import annotations

from functools import cache

_WITH_VALUE = """
abstract-unix-socket alt-svc aws-sigv4 cacert capath cert-type cert:E ciphers config:K connect-timeout
connect-to continue-at:C cookie-jar:c cookie:b create-file-mode crlfile curves data-ascii data-binary
data-raw data-urlencode data:d delegation dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url
dump-header:D ech egd-file engine etag-compare etag-save expect100-timeout form-string form:F ftp-account
ftp-alternative-to-user ftp-method ftp-port:P ftp-ssl-ccc-mode happy-eyeballs-timeout-ms haproxy-clientip
header:H hostpubmd5 hostpubsha256 hsts interface ip-tos ipfs-gateway json keepalive-cnt keepalive-time key
key-type knownhosts krb libcurl limit-rate local-port login-options mail-auth mail-from mail-rcpt
max-filesize max-redirs max-time:m netrc-file noproxy oauth2-bearer output-dir output:o parallel-max
parallel-max-host pass pinnedpubkey preproxy proto proto-default proto-redir proxy-cacert proxy-capath
proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-header proxy-key proxy-key-type proxy-pass
proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword proxy-tlsuser
proxy-user:U proxy1.0 proxy:x pubkey quote:Q random-file range:r rate referer:e request-target request:X
resolve retry retry-delay retry-max-time sasl-authzid service-name sigalgs socks4 socks4a socks5
socks5-gssapi-service socks5-hostname speed-limit:Y speed-time:y stderr telnet-option:t tftp-blksize
time-cond:z tls-max tls13-ciphers tlsauthtype tlspassword tlsuser trace trace-ascii trace-config unix-socket
upload-file:T upload-flags url url-query user-agent:A user:u variable vlan-priority write-out:w
"""
_FLAGS = """
alpn anyauth append:a basic buffer:N ca-native cert-status clobber compressed compressed-ssh create-dirs
crlf digest disable-eprt disable-epsv disable:q disallow-username-in-url doh-cert-status doh-insecure
fail-early fail-with-body fail:f false-start follow form-escape ftp-create-dirs ftp-pasv ftp-pret
ftp-skip-pasv-ip ftp-ssl-ccc ftp-ssl-control get:G globoff:g haproxy-protocol head:I help:h http0.9
http1.0:0 http1.1 http2 http2-prior-knowledge http3 http3-only ignore-content-length include:i insecure:k
ipv4:4 ipv6:6 junk-session-cookies:j keepalive list-only:l location-trusted location:L mail-rcpt-allowfails
manual:M metalink mptcp negotiate netrc-optional netrc:n next:: npn ntlm ntlm-wb out-null parallel-immediate
parallel:Z path-as-is post301 post302 post303 progress-bar:# progress-meter proxy-anyauth proxy-basic
proxy-ca-native proxy-digest proxy-http2 proxy-insecure proxy-negotiate proxy-ntlm proxy-ssl-allow-beast
proxy-ssl-auto-client-cert proxy-tlsv1 proxytunnel:p raw remote-header-name:J remote-name-all remote-name:O
remote-time:R remove-on-error retry-all-errors retry-connrefused sasl-ir sessionid show-error:S silent:s
skip-existing socks5-basic socks5-gssapi socks5-gssapi-nec ssl ssl-allow-beast ssl-auto-client-cert
ssl-no-revoke ssl-reqd ssl-revoke-best-effort ssl-sessions sslv2:2 sslv3:3 styled-output
suppress-connect-headers tcp-fastopen tcp-nodelay tftp-no-options tls-earlydata tlsv1.0 tlsv1.1 tlsv1.2
tlsv1.3 tlsv1:1 tr-encoding trace-ids trace-time use-ascii:B verbose:v version:V xattr
"""


@cache
def long_names() -> dict[str, bool]:
    """Return every long name, and whether a value follows it."""
    named = ((_WITH_VALUE, True), (_FLAGS, False))
    return {name.partition(":")[0]: valued for names, valued in named for name in names.split()}


@cache
def letters() -> dict[str, str]:
    """Return long names by their letter."""
    pairs = (name.split(":", 1) for name in (_WITH_VALUE + _FLAGS).split() if ":" in name)
    return {letter: name for name, letter in pairs}
