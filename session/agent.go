package session

import "strings"

// Agent names a browser and its system for people ("Firefox, Linux"); what it does not know it leaves out. It is a hint
// in a message or a list, never a fact to decide by.
func Agent(ua string) string {
	if len(ua) > 512 {
		ua = ua[:512]
	}
	pick := func(table [][2]string) string {
		for _, row := range table {
			if strings.Contains(ua, row[0]) {
				return row[1]
			}
		}
		return ""
	}
	// Order matters: every browser also claims to be those it descends from.
	browser := pick([][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}})
	system := pick([][2]string{{"Android", "Android"}, {"iPhone", "iOS"}, {"iPad", "iPadOS"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}})
	switch {
	case browser == "":
		return system
	case system == "":
		return browser
	}
	return browser + ", " + system
}
