// The types of libyaml, without linking to it: Swift loads it when YAML is read, and not before.
#pragma once

#include <yaml.h>

// The types of the functions that are used, so that the compiler checks each call against the header.
typedef __typeof__(&yaml_parser_initialize) yaml_parser_initialize_function;
typedef __typeof__(&yaml_parser_delete) yaml_parser_delete_function;
typedef __typeof__(&yaml_parser_set_input_string) yaml_parser_set_input_string_function;
typedef __typeof__(&yaml_parser_parse) yaml_parser_parse_function;
typedef __typeof__(&yaml_event_delete) yaml_event_delete_function;
