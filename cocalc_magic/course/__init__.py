"""A class as a file: what it says, what the server has, the plan between them, and what is done with it.

The file is read and never changed by what follows; the plan is made by a pure function of the file, of what
the server has and of what was noted at earlier runs. What writes goes by bulk work.

From the bottom up: definition, title, class_file, class_text, roster, page_file, server_state, plan, result,
local_files, by_hand, scoped_state, stages, class_folder, notes, saved_plan, collected, classroom, opening,
run_command, report, handing, collecting, apply, planning, ending, class_board.
"""
