<?php // php -S 127.0.0.1:8080 panel.php behind a TLS proxy: one page, for the scope billing and a second step of the last ten minutes
[$issuer, $id, $secret, $panel] = array_map('getenv', ['ISSUER', 'CLIENT_ID', 'CLIENT_SECRET', 'PANEL']);
function ask(string $path, array $form): array {
    global $issuer, $id, $secret;
    $head = "Content-Type: application/x-www-form-urlencoded\r\nAuthorization: Basic " . base64_encode(urlencode($id) . ':' . urlencode($secret));
    $http = ['method' => 'POST', 'header' => $head, 'content' => http_build_query($form), 'timeout' => 5, 'follow_location' => 0];
    $answer = json_decode((string) @file_get_contents($issuer . $path, false, stream_context_create(['http' => $http])), true);
    return is_array($answer) ? $answer : []; // empty says no
}
function opens(string $token): bool { // asked at every request, so what has ended opens nothing
    $is = $token === '' ? [] : ask('/introspect', ['token' => $token]);
    return ($is['active'] ?? false) === true && in_array('billing', explode(' ', $is['scope'] ?? ''), true)
        && in_array($is['acr'] ?? '', ['mfa', 'phr'], true) && ($is['auth_time'] ?? 0) >= time() - 600; // mfa, and what stands above it
}
function stop(int $status, string $text): never { http_response_code($status); header('Content-Type: text/plain'); exit($text); }
session_start(['name' => '__Host-panel', 'cookie_secure' => true, 'cookie_httponly' => true, 'cookie_samesite' => 'Lax', 'use_strict_mode' => true]);
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/callback') {
    [$state, $verifier] = $_SESSION['asked'] ?? ['', '']; unset($_SESSION['asked']);
    if ($state === '' || !hash_equals($state, (string) ($_GET['state'] ?? '')) || ($_GET['iss'] ?? '') !== $issuer) stop(400, 'Nobody asked for this.');
    $got = ask('/token', ['grant_type' => 'authorization_code', 'code' => (string) ($_GET['code'] ?? ''), 'redirect_uri' => "$panel/callback", 'code_verifier' => $verifier]);
    if (!opens($got['access_token'] ?? '')) stop(403, 'Not opened.'); // declined, or less than was asked: no second round
    session_regenerate_id(true); $_SESSION['token'] = $got['access_token'];
    header("Location: $panel/"); exit;
}
if ($path !== '/') stop(404, 'Not here.');
if (opens($_SESSION['token'] ?? '')) stop(200, 'The bills.');
$_SESSION['asked'] = [$state, $verifier] = [bin2hex(random_bytes(32)), bin2hex(random_bytes(32))];
header("Location: $issuer/authorize?" . http_build_query(['response_type' => 'code', 'client_id' => $id, 'redirect_uri' => "$panel/callback", 'state' => $state,
    'scope' => 'openid billing', 'acr_values' => 'mfa', 'max_age' => 600, 'code_challenge_method' => 'S256',
    'code_challenge' => rtrim(strtr(base64_encode(hash('sha256', $verifier, true)), '+/', '-_'), '=')]), true, 302);
