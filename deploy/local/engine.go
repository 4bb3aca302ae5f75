package local

import (
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"unsafe"
)

// Sizes that keep the engine modest beside the program it lives in.
const (
	engineMarkCache    = 256 << 20 // bytes; the engine's own default is 5 GiB
	engineMaxResult    = 1 << 30   // bytes of one result, which is held in memory whole
	engineMergeThreads = 2
)

// engine is the ClickHouse engine of this process, open on one data folder.
type engine struct {
	lib *library
	// arguments open a session: the data folder and the settings each starts with.
	arguments []string
	// anchor keeps the engine running between sessions: closing the last
	// connection stops it.
	anchor  *session
	lock    *os.File
	backups string // where BACKUP may write and RESTORE may read
}

// openEngine starts the engine on dir, which is created when it is missing.
func openEngine(dir, backups string, maxMemory int64) (*engine, error) {
	path, err := FindLibrary()
	if err != nil {
		return nil, err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}

	if backups == "" {
		backups = filepath.Join(dir, "backups")
	}
	if backups, err = filepath.Abs(backups); err != nil {
		return nil, errors.Join(err, lock.Close())
	}

	e := &engine{lock: lock, backups: backups}
	if err := e.boot(path, dir, maxMemory); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return e, nil
}

func (e *engine) boot(library, dir string, maxMemory int64) error {
	config := filepath.Join(dir, "engine.xml")
	if err := writeEngineConfig(config, e.backups, maxMemory); err != nil {
		return err
	}
	lib, err := loadLibrary(library)
	if err != nil {
		return err
	}
	// The Go runtime needs the signals: it turns a nil dereference into a panic
	// and a broken pipe into an error.
	lib.setSignalHandlersEnabled(0)

	e.lib = lib
	e.arguments = []string{
		"--path=" + filepath.Join(dir, "data"),
		// Named explicitly, or the engine would read a config.xml that happens
		// to lie in the working directory.
		"--config-file=" + config,
	}
	e.arguments = append(e.arguments, sessionSettings(maxMemory)...)

	e.anchor, err = e.open()
	if err != nil {
		return fmt.Errorf("open the ClickHouse engine on %s: %w", dir, err)
	}
	return nil
}

// close stops the engine. No session may be open.
func (e *engine) close() error {
	e.anchor.close()
	return e.lock.Close()
}

// open starts a session of its own: its settings, current database and
// temporary tables end with it. It costs about a millisecond.
func (e *engine) open() (*session, error) {
	arguments := append([]string{"chdb"}, e.arguments...)
	pointers := make([]unsafe.Pointer, len(arguments)+1)
	for i, argument := range arguments {
		terminated := append([]byte(argument), 0)
		pointers[i] = unsafe.Pointer(&terminated[0])
	}
	conn := e.lib.connect(int32(len(arguments)), unsafe.Pointer(&pointers[0]))
	runtime.KeepAlive(pointers)

	if conn == nil {
		return nil, errors.New("the engine refused; it says why on standard error. " +
			"It holds one data folder per process: close the server on the other folder first")
	}
	return &session{lib: e.lib, conn: conn}, nil
}

// sessionSettings are the settings that each session starts with. A request may
// change any of them for itself.
func sessionSettings(maxMemory int64) []string {
	return []string{
		// An insert is stored when it is acknowledged.
		"--async_insert=0",
		// The engine would take the machine's zone, which differs between machines.
		"--session_timezone=UTC",
		// The embedded engine loosens these two; a server does not.
		"--implicit_select=0",
		"--allow_introspection_functions=0",
		fmt.Sprintf("--max_memory_usage=%d", maxMemory/2),
		fmt.Sprintf("--max_result_bytes=%d", engineMaxResult),
		// Profiling sends signals to every thread, the Go runtime's among them.
		"--query_profiler_real_time_period_ns=0",
		"--query_profiler_cpu_time_period_ns=0",
	}
}

// lockDir makes a second server on the same folder an error. The engine locks
// its data too, but not against the process it runs in.
func lockDir(dir string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%s is in use by another ClickHouse server: close it or choose another folder", dir), lock.Close())
	}
	return lock, nil
}

// engineConfig is the part of ClickHouse's server configuration that is set.
type engineConfig struct {
	XMLName xml.Name `xml:"clickhouse"`
	// The engine would log to a terminal that it finds, over what the program
	// shows there.
	LogToConsole           bool    `xml:"logger>console"`
	MaxServerMemoryUsage   int64   `xml:"max_server_memory_usage"`
	MarkCacheSize          int64   `xml:"mark_cache_size"`
	CacheSizeToRAMMaxRatio float64 `xml:"cache_size_to_ram_max_ratio"`
	// The host's memory is not the engine's: its resident set is the whole
	// process, of which the Go heap is a part.
	CorrectMemoryTracker     int `xml:"memory_worker_correct_memory_tracker"`
	BackgroundPoolSize       int `xml:"background_pool_size"`
	BackgroundCommonPoolSize int `xml:"background_common_pool_size"`
	// Where BACKUP may write and RESTORE may read.
	Backups string `xml:"backups>allowed_path"`
}

func writeEngineConfig(path, backups string, maxMemory int64) error {
	text, err := xml.MarshalIndent(engineConfig{
		MaxServerMemoryUsage:     maxMemory,
		MarkCacheSize:            engineMarkCache,
		CacheSizeToRAMMaxRatio:   0.1,
		BackgroundPoolSize:       engineMergeThreads,
		BackgroundCommonPoolSize: engineMergeThreads,
		Backups:                  backups,
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}
