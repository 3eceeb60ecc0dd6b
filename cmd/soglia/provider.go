package main

// provider is "soglia provider …".
type provider struct {
	List providerList `cmd:"" help:"List the social providers, with the address to register at each."`
}

// providerList is "soglia provider list".
type providerList struct {
	configured
	JSON bool `help:"Print JSON."`
}

// providerJSON is a social provider for scripts.
type providerJSON struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	ClientID string `json:"client_id"`
	Callback string `json:"callback"` // to be registered there, exactly
}

// Run lists the providers in the order of the buttons.
func (c *providerList) Run(s *streams) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	rows, all := [][]string{{"NAME", "TYPE", "CLIENT ID", "REGISTER THIS ADDRESS THERE"}}, []providerJSON{}
	for _, p := range cfg.Providers {
		at := cfg.Callback(p.Name)
		rows = append(rows, []string{p.Name, p.Type, p.ClientID, at})
		all = append(all, providerJSON{p.Name, p.Type, p.ClientID, at})
	}
	return printList(s.out, c.JSON, all, rows)
}
