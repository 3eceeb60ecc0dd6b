package panel;

import java.util.Map;
import java.util.TreeSet;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.annotation.RegisteredOAuth2AuthorizedClient;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** An application that says what it knows of the person. All that lets people in is printed by "soglia client snippet". */
@SpringBootApplication
@RestController
public class Panel {

    public static void main(String[] args) {
        SpringApplication.run(Panel.class, args);
    }

    @GetMapping({"/", "/billing"})
    Map<String, Object> page(@AuthenticationPrincipal OidcUser user, CsrfToken form) {
        return Map.of("sub", user.getSubject(), "acr", String.valueOf(user.getAuthenticationContextClass()), "csrf", form.getToken());
    }

    // Spring renews the token when it has less than a minute left.
    @GetMapping("/token")
    Map<String, Object> token(@RegisteredOAuth2AuthorizedClient("soglia") OAuth2AuthorizedClient client) {
        return Map.of("token", client.getAccessToken().getTokenValue());
    }

    @GetMapping("/bye")
    Map<String, Object> bye() {
        return Map.of("path", "/bye");
    }

    @GetMapping({"/api", "/api/billing"})
    Map<String, Object> api(Authentication caller) {
        var authorities = new TreeSet<String>();
        caller.getAuthorities().forEach(a -> authorities.add(a.getAuthority()));
        return Map.of("authorities", authorities);
    }
}
