package op

// generations are a map that forgets what was not asked for lately, without a clock or a list: when the young generation
// is full it becomes the old one.
type generations[V any] struct{ young, old map[digest]V }

func (g *generations[V]) get(sum digest, each int) (V, bool) {
	if v, ok := g.young[sum]; ok {
		return v, true
	}
	v, ok := g.old[sum]
	if ok {
		g.put(sum, v, each)
	}
	return v, ok
}

// take is get for the last time.
func (g *generations[V]) take(sum digest) (V, bool) {
	v, ok := g.young[sum]
	if !ok {
		v, ok = g.old[sum]
	}
	delete(g.young, sum)
	delete(g.old, sum)
	return v, ok
}

func (g *generations[V]) put(sum digest, v V, each int) {
	if g.young == nil || len(g.young) >= each {
		g.young, g.old = make(map[digest]V), g.young
	}
	g.young[sum] = v
}
