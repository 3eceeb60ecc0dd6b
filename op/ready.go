package op

// Ready says whether there is a key to sign with for every algorithm.
func (p *Provider) Ready() error {
	set, now := p.keys.set(), p.now()
	for _, alg := range algorithms {
		if _, err := set.signer(alg, now); err != nil {
			return err
		}
	}
	return nil
}
