package server

import "github.com/soglia-sso/soglia/user"

// Hasher is the one hasher that every password of this process goes through.
func (s *Server) Hasher() *user.Hasher { return s.hasher }
