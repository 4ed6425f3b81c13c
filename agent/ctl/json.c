// SPDX-License-Identifier: GPL-2.0
/* Structures as JSON, with the names of uapi/e2ae.yaml. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "ctl.h"

/**
 * json_string() - a string with its quotes
 * @text: the string; octets beyond ASCII are written as U+0080 to U+00FF, so
 *   that a device name of any encoding gives valid JSON
 */
void json_string(const char *text)
{
	const unsigned char *at;

	putchar('"');
	for (at = (const unsigned char *)text; *at; at++) {
		if (*at == '"' || *at == '\\')
			printf("\\%c", *at);
		else if (*at < 0x20 || *at >= 0x7f)
			printf("\\u%04x", *at);
		else
			putchar(*at);
	}
	putchar('"');
}

static void json_octets(const uint8_t *octets, unsigned int len)
{
	putchar('"');
	while (len--)
		printf("%02x", *octets++);
	putchar('"');
}

static void json_list(struct ctl *c, const struct e2ae_field *f,
		      const uint8_t *obj)
{
	uint32_t i, n;

	memcpy(&n, obj + f->count, sizeof(n));
	putchar('[');
	for (i = 0; i < n; i++) {
		if (i)
			putchar(',');
		json_object(c, f->set, obj + f->offset + i * f->set->size,
			    NULL);
	}
	putchar(']');
}

static void json_u32(const char *name, uint32_t n)
{
	if (name)
		json_string(name);
	else
		printf("%" PRIu32, n);
}

static void json_value(struct ctl *c, const struct e2ae_set *set,
		       unsigned int attr, const uint8_t *obj)
{
	const struct e2ae_field *f = &set->fields[attr];
	const uint8_t *at = obj + f->offset;
	char text[ADDR_TEXT];

	switch (f->kind) {
	case E2AE_KIND_U8:
		printf("%u", *at);
		break;
	case E2AE_KIND_U16:
		printf("%u", *(const uint16_t *)at);
		break;
	case E2AE_KIND_U32:
		json_u32(e2ae_value_name(set, attr, *(const uint32_t *)at),
			 *(const uint32_t *)at);
		break;
	case E2AE_KIND_U64:
		printf("%" PRIu64, *(const uint64_t *)at);
		break;
	case E2AE_KIND_S64:
		printf("%" PRId64, *(const int64_t *)at);
		break;
	case E2AE_KIND_FLAG:
		fputs("true", stdout);
		break;
	case E2AE_KIND_BYTES:
		json_octets(at + 1, *at);
		break;
	case E2AE_KIND_ADDR:
		json_string(addr_text((const struct e2ae_addr *)at, text));
		break;
	case E2AE_KIND_STRING:
		json_string((const char *)at);
		break;
	case E2AE_KIND_NEST:
		json_object(c, f->set, at, NULL);
		break;
	case E2AE_KIND_LIST:
		json_list(c, f, obj);
		break;
	}
}

/* Of the many causes of drops only those that happened, unless -s asks. */
static bool left_out(const struct ctl *c, const struct e2ae_set *set,
		     const void *obj, unsigned int attr)
{
	const struct e2ae_drops *drops = obj;

	return set == &e2ae_drops_set_info && !c->stats && !drops->n[attr];
}

/**
 * json_object() - a structure
 * @c: run; with -s, every cause of drops is there
 * @set: its attribute set
 * @obj: the structure
 * @first: names and strings that come first, in pairs, ended by NULL
 */
void json_object(struct ctl *c, const struct e2ae_set *set, const void *obj,
		 const char *first, ...)
{
	uint64_t given = *(const uint64_t *)obj;
	const char *comma = "";
	unsigned int attr;
	va_list args;

	/* What the kernel did not tell of drops is zero. */
	if (set == &e2ae_drops_set_info && c->stats)
		given = ~0ULL;
	putchar('{');
	va_start(args, first);
	for (; first; first = va_arg(args, const char *)) {
		printf("%s\"%s\":", comma, first);
		json_string(va_arg(args, const char *));
		comma = ",";
	}
	va_end(args);
	for (attr = 1; attr <= set->max; attr++) {
		const struct e2ae_field *f = &set->fields[attr];

		if (!f->name || !(given & E2AE_GIVEN(attr)) ||
		    f->flags & E2AE_FIELD_SECRET || left_out(c, set, obj, attr))
			continue;
		printf("%s\"%s\":", comma, f->name);
		json_value(c, set, attr, obj);
		comma = ",";
	}
	putchar('}');
}
