package shard

// membership says who comes and who goes, and takes who goes out of everything that
// names them.
type membership struct {
	at        *place
	counts    *Counts
	customers *people
	feed      *feed
	detector  *detector
	alerts    *alerts
	joins     *joins
}

// find returns the index of a customer who has not left.
func (m *membership) find(id []byte) (uint32, bool) {
	index, known := m.customers.Find(id)
	if known && m.customers.gone(index, m.at.clock) {
		m.leave(m.at.clock, index)

		return 0, false
	}

	return index, known
}

// makeRoom lets customers go in favor of new ones. It reports false if nobody
// has been silent for long enough.
func (m *membership) makeRoom() bool {
	if !m.customers.mayHaveRoom(m.at.clock) {
		return false
	}
	if gone := m.customers.allGone(m.at.clock); len(gone) > 0 {
		m.leave(m.at.clock, gone...)

		return !m.customers.full()
	}
	silent := m.customers.mostSilent(m.at.clock)
	m.counts.RoomMade += uint64(len(silent))
	m.remove(m.at.clock, silent)

	return len(silent) > 0
}

// leave lets customers go who have left by a time.
func (m *membership) leave(at int64, gone ...uint32) {
	m.counts.Left += uint64(len(gone))
	m.remove(at, gone)
}

// remove takes customers out of everything that names them.
func (m *membership) remove(at int64, indices []uint32) {
	if len(indices) == 0 {
		return
	}
	for _, index := range indices {
		m.release(at, index)
		m.customers.forget(index)
	}
	m.detector.sampler.Leave(m.customers.Vacant)
	m.alerts.leave(m.customers.Vacant)
}

// release takes a customer out of levels, timers and what is held.
func (m *membership) release(at int64, index uint32) {
	m.detector.leave(index)
	if m.feed.held.has(index) {
		m.counts.Dropped++
		m.feed.release(index, at)
	}
}

// erase takes somebody out of everything who is to be forgotten. Nothing remembers that
// there was one.
func (m *membership) erase(id []byte) {
	m.customers.departed.Remove(id) // first: the id may stand in the table
	m.joins.joined.Remove(id)
	m.joins.told.Drop(func(of toldOf) bool { return of.customer == string(id) })
	if index, known := m.customers.Find(id); known {
		m.release(m.at.clock, index)
		m.customers.Remove(index)
		m.detector.sampler.Leave(m.customers.Vacant)
		m.alerts.leave(m.customers.Vacant)
	}
}
