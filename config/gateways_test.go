package config_test

import (
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
)

func init() { config.UseDrivers(notify.Drivers()) }
