/* SPDX-License-Identifier: GPL-2.0 */
/* The record of a call in the journal. */
#ifndef E2AE_CALL_RECORD_H
#define E2AE_CALL_RECORD_H

#define RECORD_VERSION "2"

/* Fields of a record, a line each: a letter, and the value. */
enum field {
	FIELD_VERSION = 'v',
	FIELD_CALLER = 'd',
	FIELD_TOKEN = 'k',
	FIELD_CALL_ID = 'i',
	FIELD_FROM = 'f',
	FIELD_FROM_TAG = 'g',
	FIELD_IDENTITY = 'p',
	FIELD_CALLER_TARGET = 'c',
	FIELD_CALLER_ROUTE = 'r',
	FIELD_TO_TAG = 't',
	FIELD_TO = 'o',
	FIELD_TARGET = 'C',
	FIELD_ROUTE = 'R',
	FIELD_CSEQS = 's',
	FIELD_ACCESS = 'a',
	FIELD_MEDIA = 'm',
	FIELD_IMPI = 'I',
	FIELD_CONTACT = 'n',
};

#endif
