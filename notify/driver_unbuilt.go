package notify

import (
	"errors"

	"github.com/soglia-sso/soglia/config"
)

// The settings of gateways that a file may name and this version cannot use: they are read, so that their mistakes are
// told, and refused by name. Building one moves its settings into a file of its own.

type mobytSettings struct {
	// Address of the gateway.
	BaseURL string `yaml:"base_url"`
	// Key of the account.
	UserKey config.Secret `yaml:"user_key"`
	// Token of the account.
	AccessToken config.Secret `yaml:"access_token"`
	// Sender shown on the phone.
	Sender string `yaml:"sender"`
}

type twilioSettings struct {
	// Account.
	Account config.Secret `yaml:"account"`
	// Secret of the account.
	Token config.Secret `yaml:"token"`
	// Sender shown on the phone.
	Sender string `yaml:"sender"`
}

type vonageSettings struct {
	// Account.
	Account config.Secret `yaml:"account"`
	// Secret of the account.
	Token config.Secret `yaml:"token"`
	// Sender shown on the phone.
	Sender string `yaml:"sender"`
}

type webhookSettings struct {
	// Address of the gateway.
	BaseURL string `yaml:"base_url"`
	// Key of the signature.
	Token config.Secret `yaml:"token"`
}

type metaCloudSettings struct {
	// Sender's id.
	PhoneNumberID string `yaml:"phone_number_id"`
	// Access token.
	Token config.Secret `yaml:"token"`
	// Approved authentication template, by language.
	Template map[string]string `yaml:"template" keys:"@languages"`
}

func init() {
	kinds["mobyt"] = unbuilt[mobytSettings]("sms")
	kinds["twilio"] = unbuilt[twilioSettings]("sms")
	kinds["vonage"] = unbuilt[vonageSettings]("sms")
	kinds["webhook"] = unbuilt[webhookSettings]("sms")
	kinds["meta_cloud"] = unbuilt[metaCloudSettings]("whatsapp")
}

// unbuilt makes a kind that the configuration refuses by its name.
func unbuilt[S any, P interface {
	*S
	config.Settings
}](channels ...string) kind {
	k := driver(func(P, Reach) (Driver, error) { return nil, errors.New("not available in this version") }, channels...)
	k.Unbuilt = true
	return k
}

func (*mobytSettings) Check(_, _ config.Report)     {}
func (*twilioSettings) Check(_, _ config.Report)    {}
func (*vonageSettings) Check(_, _ config.Report)    {}
func (*webhookSettings) Check(_, _ config.Report)   {}
func (*metaCloudSettings) Check(_, _ config.Report) {}
