package web

import "time"

// Seconds rounds up, to one at least, so that whoever tries again after that many is never too early.
func Seconds(d time.Duration) int { return max(1, int((d+time.Second-1)/time.Second)) }
