{{- define "ebb.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}{{- if not (contains "ebb" .Release.Name) }}-ebb{{ end -}}
{{- end }}

{{- define "ebb.selector" -}}
app.kubernetes.io/name: ebb
app.kubernetes.io/instance: {{ quote .Release.Name }}
{{- end }}

{{- define "ebb.labels" -}}
{{ include "ebb.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The settings of the values, and those that follow from the secrets. */}}
{{- define "ebb.settings" -}}
{{- $settings := deepCopy .Values.settings -}}
{{- $nats := dict -}}
{{- if .Values.nats.existingSecret -}}
{{- $_ := set $nats "inbox_prefix" .Values.nats.inboxPrefix -}}
{{- if eq .Values.nats.auth "credentials" -}}
{{- $_ := set $nats "credentials" "/etc/ebb/nats/credentials" -}}
{{- else if eq .Values.nats.auth "nkey" -}}
{{- $_ := set $nats "nkey_file" "/etc/ebb/nats/nkey" -}}
{{- else -}}
{{- $nats = merge $nats (dict "user" .Values.nats.user "password_file" "/etc/ebb/nats/password") -}}
{{- end -}}
{{- end -}}
{{- $house := dict -}}
{{- if .Values.clickhouse.existingSecret -}}
{{- $house = dict "user" .Values.clickhouse.user "password_file" "/etc/ebb/clickhouse/password" -}}
{{- end -}}
{{- if .Values.caSecret -}}
{{- $_ := set $nats "tls" (dict "ca" "/etc/ebb/ca/ca.crt") -}}
{{- $_ := set $house "tls" (dict "enabled" true "ca" "/etc/ebb/ca/ca.crt") -}}
{{- end -}}
{{- $derived := dict "nats" $nats "clickhouse" $house "log" (dict "format" "json") "http" (dict "listen" "0.0.0.0:9464") -}}
{{- mergeOverwrite $derived $settings | toYaml -}}
{{- end }}

{{- define "ebb.account" -}}
{{- .Values.serviceAccount.name | default (ternary (include "ebb.name" .) "default" .Values.serviceAccount.create) -}}
{{- end }}
