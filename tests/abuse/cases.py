"""Every abuse case by number: the tests that hold it, and what of it waits for a door to exist.

T tenants, X markup, L directories, S requests that we are made to send, F files, M mail, P passwords
and sessions, C forged requests, Q queries and input, D exhaustion.
"""

from dataclasses import dataclass

COUNTS = {"T": 20, "X": 10, "L": 12, "S": 6, "F": 9, "M": 14, "P": 12, "C": 6, "Q": 10, "D": 6}

# What the product does not have, so that it cannot be abused; its builder closes these cases.
ABSENT = {
    "forwarding": "no page sends a ticket to an address",
    "knowledge": "there is no knowledge base",
    "live": "no page keeps a connection open; what refreshes itself is an ordinary route",
    "mail": "no mail is taken in",
    "merging": "tickets are not merged, split, copied or moved",
    "monitoring": "no other system posts events",
    "outgoing": "no webhook, feed or picture is fetched; the addresses of providers are tested",
    "pdf": "nothing is rendered by another program",
    "retention": "tickets are not deleted yet",
    "scanner": "no scanner can be set",
    "templates": "nobody writes the texts of mail but its developers",
}


@dataclass(frozen=True)
class Case:
    """A number, the tests that prove it as `file::test`, and the keys of ABSENT that it waits for."""

    number: str
    tests: tuple[str, ...]
    waits: tuple[str, ...]

    @property
    def state(self) -> str:
        """ "done", "partly" or "pending"."""
        if not self.waits:
            return "done"
        return "partly" if self.tests else "pending"


_LIST = """
T1  web/test_routes.py::everybody_at_this_door
    api/test_tickets.py::colleague_and_stranger_get_the_answer_of_what_does_not_exist | pdf
T2  api/test_wall.py::no_operation_reaches_what_is_of_another_municipality web/test_routes.py::everybody_at_this_door web/test_routes.py::other_methods_are_refused
T3  web/test_portal.py::colleague_and_stranger_see_a_page_that_does_not_exist
    api/test_tickets.py::everybody_lists_their_own_and_the_desk_lists_all
T4  api/test_wall.py::no_filter_or_search_finds_it web/test_search.py::a_municipality_finds_what_it_sees_and_nothing_tells_of_the_rest
    test_search.py::nobody_finds_beyond_the_own_reach test_text_wall.py::a_municipality_finds_its_own
    api/test_tickets.py::an_internal_note_and_its_file_are_never_for_the_requester
T5  web/test_items.py::carla_does_not_filter_her_way_to_another_municipality
    abuse/test_tenants.py::t5_an_order_tells_nothing_of_what_is_not_shown
    api/test_tickets.py::a_question_that_does_not_fit_is_refused
T6  web/test_files.py::colleague_and_stranger_get_nothing_manager_and_agent_do
    web/test_item_parts.py::a_document_is_only_for_who_sees_the_item
    api/test_tickets.py::a_file_is_to_keep_and_of_its_own_ticket_alone
T7  api/test_wall.py::nothing_new_points_at_it web/test_portal_filing.py::she_points_only_at_what_she_may_see test_tenancy.py::no_way_leads_to_another_municipality
    web/test_items.py::a_location_or_user_of_another_municipality_is_refused
    api/test_tickets.py::she_points_only_at_what_she_may_see | mail
T8  web/test_item_duplicates.py::who_may_not_merge_or_names_none_of_both web/test_routes.py::everybody_at_this_door | merging
T9  | forwarding
T10 web/test_reports.py::who_manages_a_municipality_sees_her_own_whatever_the_address_says
    web/test_items_list.py::the_file_holds_nothing_of_another_municipality
    abuse/test_tenants.py::t10_no_spelling_of_the_municipality_widens_a_file
T11 abuse/test_tenants.py::t11_what_beta_files_meanwhile_moves_no_figure_of_alfa
T12 web/test_portal.py::her_page_hides_internal_notes web/test_files.py::a_file_on_an_internal_note_stays_inside
    test_search.py::who_may_not_read_notes_does_not_find_by_them
    abuse/test_tenants.py::t12_no_message_or_file_tells_an_internal_note
    api/test_tickets.py::an_internal_note_and_its_file_are_never_for_the_requester
    api/test_ticket_deeds.py::a_note_is_written_and_read_at_the_desk_alone
T13 web/test_routes.py::everybody_at_this_door | live
T14 web/test_signin.py::who_is_deactivated_is_out_at_the_next_request
    web/test_calendars.py::who_left_is_not_told_any_more
    api/test_ticket_deeds.py::a_kept_answer_does_not_outlive_the_right_to_it
    abuse/test_tenants.py::t14_mail_that_waits_is_not_sent_to_who_left
T15 web/test_signin.py::who_moves_to_another_municipality_is_out_at_the_next_request
    abuse/test_tenants.py::t15_who_moved_leaves_her_tickets_behind_and_stays_their_author
T16 web/test_item_labels.py::a_choice_reaches_no_further_than_the_reader
T17 abuse/test_tenants.py::t17_forbidden_and_unknown_take_the_same_statements
    web/test_routes.py::everybody_at_this_door
T18 | monitoring
T19 test_jobs.py::a_job_that_fails_is_undone_and_logged_and_stops_nothing
    test_delivery.py::one_refused_message_does_not_hold_up_the_next
T20 web/test_impact.py::anna_sees_hers_and_not_even_that_there_is_more
    web/test_impact.py::anna_sees_no_weak_point_that_is_not_hers
X1  | mail
X2  | mail
X3  abuse/test_markup.py::x3_x6_q3_what_people_write_is_text_on_every_page
    web/test_portal.py::what_she_types_is_text_and_never_markup
X4  web/test_files.py::a_file_goes_out_to_be_kept_never_to_be_shown
    web/test_item_parts.py::a_document_is_kept_shown_and_taken_along_as_a_file
X5  web/test_files.py::its_type_is_what_the_content_tells | mail
X6  abuse/test_markup.py::x3_x6_q3_what_people_write_is_text_on_every_page | templates
X7  | mail
X8  | mail
X9  | knowledge
X10 directory/test_proof.py::a_name_with_markup_is_text_on_the_page
L1  web/test_signin.py::no_password_fits_who_has_none directory/test_connection.py::an_empty_password_is_never_sent
L2  directory/test_proof.py::what_looks_like_a_filter_finds_nobody
L3  directory/test_connection.py::a_certificate_that_is_not_right_is_refused_before_any_password
    directory/test_connection.py::the_certificate_of_another_authority_is_refused
    directory/test_connection.py::a_server_without_tls_gets_no_password
L4  directory/test_proof.py::the_same_account_name_elsewhere_is_somebody_else
    openid/test_people.py::l4_the_same_key_at_two_providers_is_two_people
L5  directory/test_proof.py::who_may_not_use_the_account_stays_out
    directory/test_proof.py::a_locked_or_expired_account_of_openldap_stays_out
    directory/test_sync.py::somebody_who_is_disabled_or_gone_is_out_and_stays_who_they_were
L6  directory/test_proof.py::the_same_mail_address_in_two_directories_is_two_people
    openid/test_people.py::l6_a_mail_address_makes_nobody_somebody_else
L7  directory/test_proof.py::a_renamed_person_is_the_same_person
    openid/test_sign_in.py::l7_who_is_renamed_is_the_same_person_with_the_new_roles
L8  directory/test_proof.py::a_circle_of_groups_ends
    directory/test_proof.py::a_member_of_another_municipality_gets_no_right
    directory/test_sync.py::who_is_deep_in_a_group_counts_and_a_circle_ends
L9  directory/test_proof.py::a_directory_that_is_down_is_said_and_locks_nobody_out
    directory/test_proof.py::a_directory_that_hangs_answers_within_the_clock
    openid/test_lies.py::l9_an_answer_that_drips_ends_by_the_clock
    directory/test_sync.py::a_directory_that_gives_no_whole_answer_shuts_nobody_out
L10 directory/test_sync.py::more_than_a_fifth_gone_changes_nothing_and_rings
L11 directory/test_connection.py::this_machine_is_no_directory_unless_the_settings_say_so
    directory/test_connection.py::what_is_no_host_is_refused
    web/test_directories.py::the_kept_password_does_not_go_to_another_server
    web/test_directories.py::the_password_is_never_shown_and_stays_when_left_empty
    web/test_openid_providers.py::the_kept_secret_does_not_go_to_another_server
    web/test_openid_providers.py::the_secret_is_never_shown_and_stays_when_left_empty
L12 web/test_request.py::a_forged_header_of_a_proxy_is_ignored
    web/test_attempts.py::a_forged_forwarded_address_does_not_fool_the_limit
S1  abuse/test_source.py::s1_to_s6_nothing_requests_an_address
    openid/test_lies.py::s1_s2_s4_an_address_that_is_not_for_a_provider | outgoing
S2  abuse/test_source.py::s1_to_s6_nothing_requests_an_address
    openid/test_lies.py::s1_s2_s4_an_address_that_is_not_for_a_provider | outgoing
S3  abuse/test_source.py::s1_to_s6_nothing_requests_an_address
    openid/test_lies.py::s3_s5_an_answer_that_is_none | outgoing
S4  abuse/test_source.py::s1_to_s6_nothing_requests_an_address
    openid/test_lies.py::s1_s2_s4_an_address_that_is_not_for_a_provider | outgoing
S5  abuse/test_source.py::s1_to_s6_nothing_requests_an_address
    openid/test_lies.py::s3_s5_an_answer_that_is_none openid/test_lies.py::l9_an_answer_that_drips_ends_by_the_clock | outgoing
S6  abuse/test_source.py::s1_to_s6_nothing_requests_an_address | pdf
F1  abuse/test_files.py::f1_f2_a_name_is_made_harmless_and_stays_in_its_header
F2  abuse/test_files.py::f1_f2_a_name_is_made_harmless_and_stays_in_its_header
F3  web/test_portal_filing.py::a_file_that_is_too_large_is_named_and_the_text_is_kept
    web/test_request.py::a_request_larger_than_the_limit_is_refused
    abuse/test_files.py::f3_nothing_and_what_says_no_length
F4  abuse/test_files.py::f4_an_archive_is_kept_as_it_is test_tables.py::a_bomb_is_not_unpacked
F5  web/test_request.py::a_form_of_thousands_of_parts_is_refused_at_once
    web/test_allowance.py::files_have_a_limit_of_their_own_and_a_message_without_goes_on
    web/test_allowance.py::who_sent_in_enough_is_told_so_and_keeps_what_was_typed
    web/test_allowance.py::no_door_lets_in_more_than_the_day_allows
    web/test_allowance.py::documents_and_imports_count_as_files
    api/test_ticket_deeds.py::a_program_over_what_a_day_allows_is_told_until_when
F6  | scanner
F7  abuse/test_files.py::f7_a_full_disk_keeps_no_half_of_a_ticket
F8  | retention
F9  test_assets.py::only_known_names_are_served abuse/test_source.py::f9_no_address_holds_a_path
M1  | mail
M2  | mail
M3  | mail
M4  | mail
M5  | mail
M6  | mail
M7  abuse/test_markup.py::m7_a_subject_and_a_name_stay_in_one_header | mail
M8  | mail
M9  | mail
M10 | mail
M11 | mail
M12 | mail
M13 | mail
M14 | mail
P1  web/test_attempts.py::ten_failures_close_a_name_to_that_address_only
    web/test_attempts.py::an_attacker_from_everywhere_does_not_lock_anna_out_of_her_own_desk
    web/test_attempts.py::a_whole_network_of_ipv6_counts_as_one_address
    abuse/test_sessions.py::p1_attempts_at_once_are_all_counted
    abuse/test_sessions.py::p1_a_thousand_guesses_in_every_direction_are_few
    abuse/test_sessions.py::p1_a_thousand_at_once_are_no_more_than_ten
    web/test_second_step.py::who_knows_the_password_does_not_guess_the_code
P2  web/test_signin.py::a_wrong_password_and_an_unknown_name_get_the_same_answer
    web/test_signin.py::an_unknown_name_takes_as_long_as_a_known_one
    web/test_passwords.py::the_answer_is_the_same_whoever_that_is
    abuse/test_sessions.py::p2_the_page_of_a_forgotten_password_does_the_same_for_every_name
P3  web/test_passwords.py::a_link_is_good_once web/test_passwords.py::a_newer_link_voids_the_older
    web/test_passwords.py::a_link_lives_an_hour_and_an_invitation_a_week
    web/test_passwords.py::a_token_that_was_never_given_is_nothing
    web/test_passwords.py::neither_links_nor_mail_hold_the_token_in_the_clear
    web/test_passwords.py::of_two_who_use_a_link_at_once_one_is_first
P4  web/test_request.py::a_host_that_is_not_ours_is_refused
    abuse/test_sessions.py::p4_links_in_mail_come_from_the_configuration
P5  web/test_passwords.py::asking_is_limited_per_address
    web/test_passwords.py::mail_is_limited_per_account_and_the_last_link_stays_good
P6  web/test_signin.py::signing_in_gives_a_new_session_and_a_clean_cookie
    openid/test_sign_in.py::p6_the_session_is_new_and_what_was_in_the_cookie_is_gone
    web/test_people.py::another_role_counts_at_once_and_ends_the_sessions
    web/test_people.py::a_role_that_changed_by_another_way_ends_the_session_too
    web/test_second_step.py::the_code_is_asked_after_the_password_and_only_then_a_session_begins
P7  web/test_passwords.py::one_changes_the_own_password_and_is_out_everywhere_else
    web/test_people.py::who_is_shut_out_is_out_at_the_next_request
    web/test_signin.py::after_signing_out_a_copy_of_the_cookie_is_worth_nothing
    web/test_signin.py::who_is_deactivated_is_out_at_the_next_request
P8  web/test_signin.py::the_cookie_is_for_this_site_alone_and_not_for_scripts
    web/test_request.py::no_page_is_kept_by_a_proxy_or_a_shared_browser
    abuse/test_sessions.py::p8_over_https_the_cookie_never_travels_in_the_clear
P9  web/test_signin.py::a_cookie_signed_with_another_secret_opens_nothing
    abuse/test_sessions.py::p9_a_key_that_can_be_guessed_is_refused_at_the_start
    abuse/test_sessions.py::p9_processes_that_start_together_have_one_key
    abuse/test_sessions.py::p9_the_command_says_it_in_one_line
P10 web/test_signin.py::a_session_ends_after_half_an_hour_idle_or_eight_hours
P11 web/test_calendars.py::an_address_that_ended_is_as_one_that_never_was
    web/test_calendars.py::who_left_is_not_told_any_more
    api/test_door.py::the_token_is_in_no_answer_and_in_no_line_of_the_log
    api/test_tokens.py::who_is_deactivated_or_moves_away_has_no_token
    api/test_tokens.py::a_revoked_token_is_as_one_that_never_was
P12 web/test_signin.py::only_the_hash_of_the_token_is_kept api/test_tokens.py::only_the_hash_is_kept
    abuse/test_source.py::p12_a_secret_is_compared_as_a_hash_or_in_constant_time
C1  abuse/test_forgery.py::c1_c3_nothing_changes_without_the_token_of_the_page
    web/test_signin.py::the_token_of_another_browser_is_no_good
    web/test_routes.py::everybody_at_this_door
C2  web/test_signin.py::signing_in_needs_the_token_of_the_form_too
    web/test_signin.py::a_form_from_elsewhere_changes_nothing
C3  abuse/test_forgery.py::c1_c3_nothing_changes_without_the_token_of_the_page
    api/test_tokens.py::a_token_opens_no_page_and_a_cookie_opens_no_operation
    api/test_ticket_deeds.py::a_body_of_another_kind_is_refused
C4  web/test_signin.py::a_link_to_another_site_is_dropped
    openid/test_sign_in.py::c4_no_page_elsewhere_comes_after_it
    abuse/test_forgery.py::c4_no_door_sends_to_another_site
C5  web/test_request.py::every_answer_carries_the_headers_that_guard_it
    web/test_request.py::another_origin_gets_no_permission
    web/test_request.py::an_answer_over_tls_keeps_the_browser_there
    api/test_door.py::every_answer_carries_the_headers_that_guard_it
    api/test_door.py::another_origin_reads_only_the_description
C6  web/test_request.py::a_failure_says_what_to_do_and_no_detail
    web/test_request.py::a_failure_can_be_found_by_the_code_that_its_reader_mentions
Q1  web/test_odd_addresses.py::an_odd_question_is_never_a_failure_of_ours
    web/test_reports.py::a_wrong_question_is_refused
    abuse/test_input.py::q1_sql_in_any_parameter_finds_what_nothing_finds
    api/test_door.py::a_page_has_a_size_that_is_a_number api/test_door.py::a_cursor_that_no_list_gave_is_refused
Q2  test_search.py::whatever_is_typed_gives_an_answer web/test_search.py::nothing_that_is_typed_breaks_it
    test_search.py::wildcards_stand_for_themselves
Q3  abuse/test_markup.py::x3_x6_q3_what_people_write_is_text_on_every_page
Q4  web/test_request.py::text_that_no_database_holds_is_refused
    web/test_request.py::half_a_character_never_reaches_the_database
    abuse/test_input.py::q4_odd_text_in_names_of_fields_files_and_headers
Q5  abuse/test_input.py::q5_q6_a_form_takes_only_what_it_shows abuse/test_input.py::q5_a_report_is_of_who_files_it
    web/test_items.py::an_item_does_not_take_what_its_form_does_not_hold
    api/test_tickets.py::a_field_that_is_not_declared_is_refused_and_changes_nothing
Q6  abuse/test_input.py::q5_q6_a_form_takes_only_what_it_shows
Q7  test_reports.py::a_text_is_never_a_formula abuse/test_files.py::q7_no_cell_of_a_file_is_a_formula
Q8  abuse/test_source.py::q8_nothing_that_came_in_is_run
Q9  test_tables.py::entities_are_refused abuse/test_files.py::q9_a_scan_with_entities_is_refused
Q10 test_tables.py::an_archive_that_is_no_workbook_is_refused test_tables.py::a_far_cell_costs_nothing
    abuse/test_files.py::q10_too_many_rows_or_columns_are_refused
D1  web/test_request.py::a_form_of_thousands_of_parts_is_refused_at_once
    web/test_request.py::a_form_with_megabytes_of_text_is_refused
    abuse/test_load.py::d1_a_page_takes_no_json
    abuse/test_load.py::d1_nested_json_is_refused_or_read_at_once
    api/test_ticket_deeds.py::a_body_that_is_no_such_json_is_refused_at_once
    api/test_ticket_deeds.py::a_body_of_100_mb_is_refused_at_once
D2  abuse/test_load.py::d2_bait_for_patterns_is_read_at_once | mail
D3  abuse/test_load.py::d3_large_questions_cost_no_more_than_small_ones
D4  abuse/test_slow_callers.py::d4_slow_callers_hinder_nobody_and_are_cut_off
    abuse/test_slow_callers.py::d4_one_address_has_no_more_than_its_share
D5  abuse/test_load.py::d5_a_line_of_the_log_is_one_line
    abuse/test_load.py::d5_the_product_writes_its_log_like_that
D6  web/test_desk.py::the_second_writer_sees_what_changed_and_keeps_the_text
    web/test_items.py::the_second_of_two_writers_is_told_what_changed_and_keeps_her_text
    api/test_ticket_deeds.py::the_second_of_two_writers_is_told
    api/test_two_requests.py::two_requests_with_one_key_at_once_are_one_deed
"""


def cases() -> list[Case]:
    """The list, read; a number that stands there twice is there twice."""
    found: list[tuple[str, str]] = []
    for line in filter(str.strip, _LIST.splitlines()):
        if line[0].isspace():
            number, rest = found.pop()
            found.append((number, f"{rest} {line}"))
        else:
            found.append((line.split()[0], line.partition(" ")[2]))
    return [_case(number, *rest.partition("|")[::2]) for number, rest in found]


def _case(number: str, tests: str, waits: str) -> Case:
    return Case(number, tuple(map(_path, tests.split())), tuple(waits.split()))


def _path(test: str) -> str:
    file, _, name = test.partition("::")
    folder = "tests" if file.startswith("abuse/") else "tests/servicedesk"
    return f"{folder}/{file}::test_{name}"
