// Package parquettext reads a Parquet file as the text of a CSV file with a header,
// so that whatever understands the one understands the other: mappings, surveys,
// dry runs and imports.
//
// It promises that the same file gives the same text, that no value changes its
// meaning on the way, and that what is held is a page of each column, whatever
// the size of the file. A nested field is a column under its path
// ("context.page.url"); values of a list are a JSON array. Times are written as RFC
// 3339, with a Z where the file says that they are in UTC and without an offset where
// it says that they are local. Decimals keep all their digits. Null is an empty cell.
//
// A file that is broken is an error, never a panic: the library is told to read what
// a stranger wrote.
//
// Read reader.go first, then cell.go (how a value is written).
package parquettext
