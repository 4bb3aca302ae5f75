package parquettext

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// How times are written: those in UTC, and local ones.
const (
	inUTC = "2006-01-02T15:04:05.999999999Z07:00"
	local = "2006-01-02T15:04:05.999999999"
)

// writer appends a value that is not null.
type writer = func(dst []byte, v parquet.Value) []byte

// maxScale is more digits behind the point than any decimal of a known writer has.
const maxScale = 76

// writerOf is how values of a type are written.
func writerOf(t parquet.Type) (writer, error) {
	if logical := t.LogicalType(); logical != nil {
		switch of := logical.Value.(type) {
		case *format.TimestampType:
			if of.Unit.Value != nil {
				return timestamps(of.Unit.Value.Duration(), of.IsAdjustedToUTC), nil
			}
		case *format.DateType:
			return date, nil
		case *format.DecimalType:
			if of.Scale < 0 || of.Scale > maxScale {
				return nil, fmt.Errorf("a decimal has %d digits behind the point, which may be 0 to %d", of.Scale, maxScale)
			}

			return decimals(int(of.Scale)), nil
		case *format.UUIDType:
			return uuidText, nil
		case *format.IntType:
			if !of.IsSigned {
				return unsigned, nil
			}
		}
	}
	if converted := t.ConvertedType(); converted != nil {
		switch *converted {
		case deprecated.TimestampMillis:
			return timestamps(time.Millisecond, true), nil
		case deprecated.TimestampMicros:
			return timestamps(time.Microsecond, true), nil
		case deprecated.Date:
			return date, nil
		case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
			return unsigned, nil
		}
	}

	return plain, nil
}

// plain writes a value as its physical type says.
func plain(dst []byte, v parquet.Value) []byte {
	switch v.Kind() {
	case parquet.Boolean:
		return strconv.AppendBool(dst, v.Boolean())
	case parquet.Int32:
		return strconv.AppendInt(dst, int64(v.Int32()), 10)
	case parquet.Int64:
		return strconv.AppendInt(dst, v.Int64(), 10)
	case parquet.Int96:
		return int96(dst, v.Int96())
	case parquet.Float:
		return float(dst, float64(v.Float()), 32)
	case parquet.Double:
		return float(dst, v.Double(), 64)
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return bytesText(dst, v.ByteArray())
	}

	return dst
}

// float writes the shortest text that reads as the same number. What is no number is
// no value.
func float(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst
	}

	return strconv.AppendFloat(dst, f, 'g', -1, bits)
}

// bytesText is text as it is, and other bytes in hex digits.
func bytesText(dst, text []byte) []byte {
	if utf8.Valid(text) {
		return append(dst, text...)
	}

	return hex.AppendEncode(dst, text)
}

func unsigned(dst []byte, v parquet.Value) []byte {
	if v.Kind() == parquet.Int32 {
		return strconv.AppendUint(dst, uint64(v.Uint32()), 10)
	}

	return strconv.AppendUint(dst, v.Uint64(), 10)
}

func timestamps(unit time.Duration, utc bool) writer {
	layout := local
	if utc {
		layout = inUTC
	}
	perSecond := int64(time.Second / unit)

	return func(dst []byte, v parquet.Value) []byte {
		n := v.Int64()
		seconds, rest := n/perSecond, n%perSecond

		return time.Unix(seconds, rest*int64(unit)).UTC().AppendFormat(dst, layout)
	}
}

func date(dst []byte, v parquet.Value) []byte {
	return time.Unix(int64(v.Int32())*24*60*60, 0).UTC().AppendFormat(dst, time.DateOnly)
}

// int96 is how older writers store times: nanoseconds of the day, and the Julian day.
func int96(dst []byte, v deprecated.Int96) []byte {
	const unixEpoch = 2440588 // Julian day of 1970-01-01
	nanoseconds := int64(uint64(v[1])<<32 | uint64(v[0]))

	return time.Unix((int64(v[2])-unixEpoch)*24*60*60, nanoseconds).UTC().AppendFormat(dst, inUTC)
}

// decimals writes whole numbers of units of 10^-scale.
func decimals(scale int) writer {
	return func(dst []byte, v parquet.Value) []byte {
		unscaled := new(big.Int)
		switch v.Kind() {
		case parquet.Int32:
			unscaled.SetInt64(int64(v.Int32()))
		case parquet.Int64:
			unscaled.SetInt64(v.Int64())
		default:
			digits := v.ByteArray() // big-endian, two's complement
			unscaled.SetBytes(digits)
			if len(digits) > 0 && digits[0]&0x80 != 0 {
				unscaled.Sub(unscaled, new(big.Int).Lsh(big.NewInt(1), uint(8*len(digits))))
			}
		}
		if unscaled.Sign() < 0 {
			dst = append(dst, '-')
			unscaled.Neg(unscaled)
		}
		text := unscaled.Append(nil, 10)
		for len(text) <= scale {
			text = append([]byte{'0'}, text...)
		}
		dst = append(dst, text[:len(text)-scale]...)
		if scale > 0 {
			dst = append(append(dst, '.'), text[len(text)-scale:]...)
		}

		return dst
	}
}

func uuidText(dst []byte, v parquet.Value) []byte {
	id, err := uuid.FromBytes(v.ByteArray())
	if err != nil {
		return hex.AppendEncode(dst, v.ByteArray())
	}

	return append(dst, id.String()...)
}

// appendList writes the values of a list as a JSON array; nothing where there is none.
func (c *column) appendList(dst []byte, values []parquet.Value) []byte {
	if len(values) == 0 || len(values) == 1 && values[0].IsNull() {
		return dst
	}
	dst = append(dst, '[')
	var text []byte
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		if v.IsNull() {
			dst = append(dst, "null"...)

			continue
		}
		text = c.write(text[:0], v)
		switch {
		case v.Kind() != parquet.ByteArray && v.Kind() != parquet.FixedLenByteArray && jsontext.Value(text).IsValid():
			dst = append(dst, text...) // a number, or true or false
		case len(text) == 0 && v.Kind() != parquet.ByteArray:
			dst = append(dst, "null"...) // no number
		default:
			dst, _ = jsontext.AppendQuote(dst, text) // bytesText gives nothing but UTF-8
		}
	}

	return append(dst, ']')
}
