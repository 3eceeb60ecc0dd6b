package config

// drivers are notify's, which imports this package: only tests that stand outside of it can hand them in.
var drivers Drivers

// UseDrivers hands them in.
func UseDrivers(d Drivers) { drivers = d }
