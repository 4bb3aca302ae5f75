package main

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// describeMachine reads what /proc says. Where there is none it says nothing.
func describeMachine() (cpu string, memory int64, load float64) {
	cpu = procField("/proc/cpuinfo", "model name")
	if kilobytes, _, ok := strings.Cut(procField("/proc/meminfo", "MemTotal"), " "); ok {
		n, err := strconv.ParseInt(kilobytes, 10, 64)
		if err == nil {
			memory = n << 10
		}
	}
	if data, err := os.ReadFile("/proc/loadavg"); err == nil {
		first, _, _ := strings.Cut(string(data), " ")
		load, err = strconv.ParseFloat(first, 64)
		if err != nil {
			load = 0
		}
	}

	return cpu, memory, load
}

// procField is the first value of a name in a file of "name : value" lines.
func procField(path, name string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		key, value, ok := strings.Cut(lines.Text(), ":")
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}

	return ""
}

// resident is the resident memory of this process in bytes, and false where
// the system does not tell.
func resident() (int64, bool) {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)

	return pages * int64(os.Getpagesize()), err == nil
}

// cpuSeconds is the time that this process has spent on the processor. A busy
// machine changes it less than it changes the time on the wall.
func cpuSeconds() float64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}

	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}
