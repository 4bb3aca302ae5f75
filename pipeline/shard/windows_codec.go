package shard

import (
	"ebb/windows"
	"ebb/windows/codec"
)

func (s *Shard) appendWindows(dst []byte) []byte { return codec.Must(s.windows.AppendBinary(dst)) }

func (s *Shard) readWindows(body []byte) (err error) {
	if s.windows, err = windows.Restore(s.config.Windows(), body); err != nil {
		return err
	}

	return s.keys.group(s.windows)
}
