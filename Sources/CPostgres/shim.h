// The types of libpq, without linking to it: Swift loads it when a state is kept in PostgreSQL, and not before.
#pragma once

#if __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#else
#include <libpq-fe.h>
#endif

// The types of the functions that are used, so that the compiler checks each call against the header.
typedef __typeof__(&PQconninfoParse) PQconninfoParse_function;
typedef __typeof__(&PQconninfoFree) PQconninfoFree_function;
typedef __typeof__(&PQfreemem) PQfreemem_function;
typedef __typeof__(&PQconnectdbParams) PQconnectdbParams_function;
typedef __typeof__(&PQpingParams) PQpingParams_function;
typedef __typeof__(&PQfinish) PQfinish_function;
typedef __typeof__(&PQstatus) PQstatus_function;
typedef __typeof__(&PQsocket) PQsocket_function;
typedef __typeof__(&PQerrorMessage) PQerrorMessage_function;
typedef __typeof__(&PQsetNoticeProcessor) PQsetNoticeProcessor_function;
typedef __typeof__(&PQexecParams) PQexecParams_function;
typedef __typeof__(&PQresultStatus) PQresultStatus_function;
typedef __typeof__(&PQresultErrorField) PQresultErrorField_function;
typedef __typeof__(&PQntuples) PQntuples_function;
typedef __typeof__(&PQnfields) PQnfields_function;
typedef __typeof__(&PQgetisnull) PQgetisnull_function;
typedef __typeof__(&PQgetvalue) PQgetvalue_function;
typedef __typeof__(&PQgetlength) PQgetlength_function;
typedef __typeof__(&PQclear) PQclear_function;
