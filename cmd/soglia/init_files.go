package main

// firstYAML is a first configuration: one panel, and one area that asks for a second step.
const firstYAML = `# yaml-language-server: $schema=soglia.schema.json
# Every field, with its default: docs/configuration.md. After a change: soglia check
version: 1
issuer: {issuer}
listen: 127.0.0.1:8480 # a proxy with TLS stands in front
admin: {admin} # health, metrics, reload: never on the public port
trusted_proxies: [127.0.0.1/32]
storage:
  url: {storage}
secrets: {master_key: "${file:master.key}"}
branding:
  name: Soglia
  # support: {phone: "+39 0000 000000", url: {it: "https://www.example.it/assistenza"}} # where people who are stuck turn to
home: panel
channels:
  email: {driver: smtp, url: "${env:SMTP_URL}", from: "Soglia <{sender}>"}
scopes:
  billing: {acr: mfa, title: {it: Dati di fatturazione, en: Billing details}}
clients:
  - id: panel
    name: Panel
    secret: "${file:panel.secret}"
    redirect_uris: [{redirect}]
    initiate_login_uri: {origin}
    post_logout_redirect_uris: [{origin}]
    scopes: [openid, profile, email, offline_access, billing]
    # require_acr: mfa # for a panel that does not read the granted scope: nobody gets in below it, whatever a request says
`

// nextSteps is what an operator does after the files are there.
const nextSteps = `
Next:
 1. Mail: write SMTP_URL=smtps://user:password@mail.example.it into soglia.env, beside soglia.yaml (no "export").
 2. soglia check, and soglia message test email you@example.it: it says what the mail server answered.
 3. soglia user add anna --email anna@example.it
 4. soglia serve, or the unit: see the head of soglia.service.
 5. A proxy with TLS in front of 127.0.0.1:8480. It passes the host on and says who asks. Caddy:

      {host} {
        reverse_proxy 127.0.0.1:8480
      }

    nginx:

      server {
        listen 443 ssl;
        server_name {host};
        ssl_certificate     /etc/ssl/{host}.pem;
        ssl_certificate_key /etc/ssl/{host}.key;
        location / {
          proxy_pass http://127.0.0.1:8480;
          proxy_set_header Host $host;
          proxy_set_header X-Forwarded-For $remote_addr;
          proxy_set_header X-Forwarded-Proto https;
        }
      }

    In containers, with PostgreSQL and two instances: docker-compose.yml in the sources.

The panel signs in as client "panel"; its secret is in panel.secret. Keep master.key: without it the database is of no use.
`

// firstUnit is a systemd unit: secrets as credentials, nothing else of the machine within reach.
const firstUnit = `# cp soglia.service /etc/systemd/system/ && systemctl enable --now soglia
# Before: a user for it (useradd --system soglia) that owns this folder (chown -R soglia ...), but for the files of
# LoadCredential, which may stay root's: systemd hands them over. Variables such as SMTP_URL stand in soglia.env.
# Without a proxy, on port 443: AmbientCapabilities=CAP_NET_BIND_SERVICE and CapabilityBoundingSet=CAP_NET_BIND_SERVICE.
[Unit]
Description=Soglia sign-in server
After=network-online.target
Wants=network-online.target

[Service]
User=soglia
WorkingDirectory={dir}
EnvironmentFile=-{dir}/soglia.env
LoadCredential=master.key:{dir}/master.key
LoadCredential=panel.secret:{dir}/panel.secret
ExecStart="{program}" serve --file "{dir}/soglia.yaml"
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
TimeoutStopSec=30
UMask=0077
LimitNOFILE=65536

ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths="{dir}"
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources

[Install]
WantedBy=multi-user.target
`
