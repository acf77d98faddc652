# Follows docs/deploy.md to the letter with the real heroku and sf against stand-ins; FULL=1 builds the image of the Dockerfile as well.
.PHONY: rehearse
rehearse: ## test: follows docs/deploy.md with the real heroku and sf against stand-ins; FULL=1 builds the image too
	@./deps.sh rehearse
	@$(MAKE) all
	@MODE=$(MODE) exec tests/deploy/rehearse.sh
