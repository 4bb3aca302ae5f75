package setting

import "time"

// StopConfig is how ebb ends.
type StopConfig struct {
	Timeout Duration `name:"timeout" default:"30s" placeholder:"DURATION" help:"How long a stop may take to process and store what was read, 1s to 1h. Whatever is not stored by then is made again by the next start. Give a supervisor a little more before it kills."`
}

// Validate says what is wrong with the settings of stopping.
func (c *StopConfig) Validate() error {
	return RefuseOutside("stop.timeout", c.Timeout, Duration(time.Second), Duration(time.Hour))
}
