package shard

import (
	"ebb/windows"
	"ebb/windows/codec"
)

func (r *rollups) appendWindows(dst []byte) []byte { return codec.Must(r.windows.AppendBinary(dst)) }

func (r *rollups) readWindows(config windows.Config, body []byte) (err error) {
	if r.windows, err = windows.Restore(config, body); err != nil {
		return err
	}

	return r.keys.group(r.windows)
}
