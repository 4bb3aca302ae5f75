// Package web shows the dashboards without Grafana: pages that are read from the
// same files and the same queries, for people who have none, and for the demo.
//
// It promises pages that stand alone: no script, no font, no picture from elsewhere,
// with a policy that forbids them; that reading is all they do; and that a name from
// the database never becomes a part of the page or of a query: texts are escaped,
// and what a visitor may choose is checked against what there is to choose.
//
// What is left out is what only Grafana has: alerts that fire, zooming, tooltips.
//
// Read handler.go first; model.go is what a dashboard's file says, frame.go what a
// query answers, and panel.go and the files beside it how one becomes the other.
package web
