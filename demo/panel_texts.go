package demo

import (
	"net/http"
	"time"

	"golang.org/x/text/language"
)

// words are the panel's texts in one language.
type words map[string]string

// languageOf is what the visitor reads: ?lang, remembered in a cookie, else Accept-Language.
func languageOf(w http.ResponseWriter, r *http.Request) string {
	if l := r.URL.Query().Get("lang"); texts[l] != nil {
		http.SetCookie(w, &http.Cookie{Name: "panel_lang", Value: l, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int((365 * 24 * time.Hour).Seconds())})
		return l
	}
	if c, err := r.Cookie("panel_lang"); err == nil && texts[c.Value] != nil {
		return c.Value
	}
	tags, _, _ := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	_, i, _ := offered.Match(tags...)
	return [...]string{"en", "it"}[i]
}

var offered = language.NewMatcher([]language.Tag{language.English, language.Italian})

var texts = map[string]words{
	"en": {
		"brand": "Area Clienti", "ribbon": "Nothing here is real; what is sent appears in", "outbox": "the outbox", "demo": "demo panel", "other": "Italiano", "skip": "Skip to content", "menu": "Areas", "home": "Home",
		"billing": "Billing", "payments": "Payments", "dns": "DNS", "authcode": "Auth-code", "mailboxes": "Mailboxes",
		"billing.lead":   "The data on your invoices, and whom we write to about them.",
		"payments.lead":  "Cards and direct debits that renew your services.",
		"dns.lead":       "The records of rossi-arredamenti.example. Whoever changes them decides where your visitors and your mail go.",
		"authcode.lead":  "The code that moves a domain to another provider.",
		"mailboxes.lead": "The mailboxes of your domain.",
		"row.company":    "Company", "row.vat": "VAT number", "row.address": "Address", "row.invoice": "Last invoice", "row.card": "Card", "row.debit": "Direct debit",
		"row.renewal": "Next renewal", "row.lock": "Transfer lock", "row.forwarding": "Forwarding",
		"hero": "Your hosting, in one place", "hero.lead": "This is an ordinary panel. It keeps no passwords: it sends you to the sign-in server, which tells it who you are and how sure it is.",
		"sign-in": "Sign in", "sign-out": "Sign out", "account": "Your account: second step, devices, password", "hello": "Hello", "level": "How you signed in",
		"amr.none": "none: it has no word for a social sign-in", "level.sfa": "One step: enough for this page. A sensitive area will ask for a code.", "level.mfa": "Two steps: the sensitive areas stay open until you sign out.",
		"sensitive": "Sensitive areas", "open": "Open", "locked": "asks for a code", "unlocked": "open", "unlocked.long": "This area is open because your token carries the scope",
		"switch.title": "What this panel can say", "switch.on": "This panel asks for levels (acr_values=mfa).", "switch.off": "This panel cannot send acr_values: it asks for the area's scope and opens the area only if the token has it; the scope's own floor does the rest.",
		"switch.to-off": "Pretend that this panel cannot send acr_values", "switch.to-on": "Let this panel send acr_values again",
		"drawer": "What just happened: request, tokens, timings", "d.request": "Authorization request", "d.id": "ID token", "d.access": "Access token", "d.opaque": "Opaque: only the server can read it.",
		"d.userinfo": "Userinfo", "d.scope": "Granted scope", "d.timings": "Timings", "d.header": "Header", "d.claims": "Claims", "d.name": "Name", "d.value": "Value",
		"timing.answer": "Request to answer (you included)", "timing.exchange": "Code exchanged for tokens", "timing.userinfo": "Userinfo answered",
		"signed-out": "You are signed out", "signed-out.lead": "Here and at the sign-in server.", "back": "Back to the panel", "again": "Try again", "missing": "There is no such page", "missing.lead": "Perhaps the address was mistyped.",
		"failed": "That did not work", "code": "Error code",
		"error.access_denied":                     "You chose not to go on, so nothing was opened. Everything else is as it was.",
		"error.unmet_authentication_requirements": "This area needs a second step that your account cannot make yet. Add an e-mail address or an authenticator app, or write to support.",
		"error.interaction_required":              "The sign-in server needs to ask you something first.", "error.login_required": "Please sign in first.",
		"error.temporarily_unavailable": "The sign-in server is busy. Try again in a moment.", "error.provider": "The sign-in server does not answer at the moment.",
		"error.state": "This sign-in is already finished, or was started in another browser. Start again.", "error.iss": "The answer came from an unexpected server, so it was not believed.",
		"error.scope": "The sign-in server did not grant this area.", "error.other": "The sign-in server refused the request.",
	},
	"it": {
		"brand": "Area Clienti", "ribbon": "Qui nulla è reale; ciò che viene inviato compare nella", "outbox": "posta in uscita", "demo": "pannello dimostrativo", "other": "English", "skip": "Vai al contenuto", "menu": "Aree", "home": "Home",
		"billing": "Fatturazione", "payments": "Pagamenti", "dns": "DNS", "authcode": "Auth-code", "mailboxes": "Caselle e-mail",
		"billing.lead":   "I dati delle tue fatture e i contatti a cui le inviamo.",
		"payments.lead":  "Carte e addebiti con cui si rinnovano i tuoi servizi.",
		"dns.lead":       "I record di rossi-arredamenti.example. Chi li cambia decide dove arrivano i tuoi visitatori e la tua posta.",
		"authcode.lead":  "Il codice con cui un dominio passa a un altro fornitore.",
		"mailboxes.lead": "Le caselle del tuo dominio.",
		"row.company":    "Ragione sociale", "row.vat": "Partita IVA", "row.address": "Indirizzo", "row.invoice": "Ultima fattura", "row.card": "Carta", "row.debit": "Addebito diretto",
		"row.renewal": "Prossimo rinnovo", "row.lock": "Blocco trasferimento", "row.forwarding": "Inoltro",
		"hero": "Il tuo hosting, in un posto solo", "hero.lead": "Questo è un pannello qualsiasi. Non conserva password: ti manda al server di accesso, che gli dice chi sei e con quanta certezza.",
		"sign-in": "Accedi", "sign-out": "Esci", "account": "Il tuo account: secondo passaggio, dispositivi, password", "hello": "Ciao", "level": "Come hai effettuato l’accesso",
		"amr.none": "nessuno: non ha una parola per l’accesso con un altro servizio", "level.sfa": "Un solo passaggio: basta per questa pagina. Un’area sensibile chiederà un codice.", "level.mfa": "Due passaggi: le aree sensibili restano aperte finché non esci.",
		"sensitive": "Aree sensibili", "open": "Apri", "locked": "chiede un codice", "unlocked": "aperta", "unlocked.long": "Quest’area è aperta perché il tuo token contiene lo scope",
		"switch.title": "Che cosa sa dire questo pannello", "switch.on": "Questo pannello chiede i livelli (acr_values=mfa).", "switch.off": "Questo pannello non sa inviare acr_values: chiede lo scope dell’area e la apre solo se il token lo contiene; al resto pensa il livello minimo dello scope.",
		"switch.to-off": "Fai finta che questo pannello non sappia inviare acr_values", "switch.to-on": "Lascia che questo pannello invii di nuovo acr_values",
		"drawer": "Che cosa è successo: richiesta, token, tempi", "d.request": "Richiesta di autorizzazione", "d.id": "ID token", "d.access": "Access token", "d.opaque": "Opaco: solo il server può leggerlo.",
		"d.userinfo": "Userinfo", "d.scope": "Scope concessi", "d.timings": "Tempi", "d.header": "Intestazione", "d.claims": "Claim", "d.name": "Nome", "d.value": "Valore",
		"timing.answer": "Dalla richiesta alla risposta (tu compreso)", "timing.exchange": "Codice scambiato con i token", "timing.userinfo": "Risposta di userinfo",
		"signed-out": "Sei uscito", "signed-out.lead": "Da qui e dal server di accesso.", "back": "Torna al pannello", "again": "Riprova", "missing": "Questa pagina non esiste", "missing.lead": "Forse l’indirizzo è scritto male.",
		"failed": "Non è andata", "code": "Codice di errore",
		"error.access_denied":                     "Hai scelto di non continuare, quindi non è stato aperto nulla. Tutto il resto è come prima.",
		"error.unmet_authentication_requirements": "Quest’area richiede una seconda verifica che il tuo account non può ancora fare. Aggiungi un indirizzo e-mail o un’app Authenticator, o scrivi all’assistenza.",
		"error.interaction_required":              "Il server di accesso deve prima chiederti qualcosa.", "error.login_required": "Prima devi accedere.",
		"error.temporarily_unavailable": "Il server di accesso è occupato. Riprova tra un momento.", "error.provider": "Il server di accesso in questo momento non risponde.",
		"error.state": "Questo accesso è già concluso, o è iniziato in un altro browser. Ricomincia.", "error.iss": "La risposta è arrivata da un server inatteso, quindi non è stata creduta.",
		"error.scope": "Il server di accesso non ha concesso quest’area.", "error.other": "Il server di accesso ha rifiutato la richiesta.",
	},
}
