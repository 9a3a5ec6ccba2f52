"""What a researcher runs; importing it registers every task, solver, tool, scorer and provider with Inspect."""

import evals.alignment_faking
import evals.battery
import evals.grader_agreement
import scorers.label_agreement
import scorers.scorers
import simulated.provider
import solvers.label_replay
import solvers.prompt_setup
import solvers.reply_store
import solvers.scratchpad_solver
