"""Every event of the catalog as a typed method. `python -m cocalc_magic.catalog` writes this file."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from cocalc_magic.response import Response

class EventMethods:
    """Methods that send one message each; options are keywords."""

    def log_client_error(self, *, error: str, id: Any = ...) -> Response:
        """Report an error to the people who run the server.

        Stores your text, your account and the time in a table that only the operators can read. You can not
        get it back, and the id you send is not the id it is stored under.

        Args:
            error: What went wrong; an empty text is stored too.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def metrics(self, *, metrics: Sequence[Any]) -> Response:
        """Hand in measurements that a browser took.

        Meant for CoCalc's own pages, and never of use over HTTP: the server keeps the numbers in memory and
        sends no response, so the caller waits until its time limit. Servers refuse it since May 2019.

        Args:
            metrics: Measurements {name, help, type, values}; anything else is dropped without a word.
        """

    def ping(self, *, id: Any = ...) -> Response:
        """Check that the server answers, and read its clock.

        Answers at once with the server's time. It touches no project and no account, so it is the way to
        find out whether address and key are right. Servers between May 2019 and September 2021 refuse it.

        Args:
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def start_metrics(self, *, interval_s: float) -> Response:
        """Ask a browser to send its measurements.

        A message from the server to CoCalc's own pages that was opened to the API by mistake. Nothing ever
        ran when it was sent.

        Args:
            interval_s: Seconds between two sets of measurements.
        """

    def user_tracking(self, *, evt: str, value: Mapping[str, Any], id: Any = ...) -> Response:
        """Record that you did something in CoCalc's pages.

        Stores a name and any values with your account and the time, for the operators' statistics. It was
        open to the API for one week of May 2019, on test servers only.

        Args:
            evt: What happened, in at most 80 characters.
            value: More about it; any names and values.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def change_email_address(
        self,
        *,
        account_id: str | UUID,
        new_email_address: str,
        id: Any = ...,
        old_email_address: str = "",
        password: str = "",
    ) -> Response:
        """Change the e-mail address of your account.

        Your own password proves that it is you; an account without one accepts any. The new address is
        stored in lower case, and projects that it was invited to are joined. A refusal comes back in the
        response's own error field, which is false when all went well.

        Args:
            account_id: Your account, the one that the key belongs to.
            new_email_address: The address to use from now on.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            old_email_address: Not looked at; left over from early servers.
            password: Your current password.
        """

    def change_password(
        self,
        *,
        account_id: str | UUID,
        new_password: str,
        id: Any = ...,
        old_password: str = "",
    ) -> Response:
        """Change the password of your account.

        Always changes the account that the key belongs to: account_id has to be there, but it is not looked
        at. Success signs you out everywhere else; a refusal comes back in the response's own error field,
        sometimes as an object.

        Args:
            account_id: Required, and ignored by the server.
            new_password: The password to use from now on, 6 to 64 characters.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            old_password: Your current password; any will do if the account has none.
        """

    def create_account(
        self,
        *,
        id: Any = ...,
        first_name: str = ...,
        last_name: str = ...,
        email_address: str = ...,
        password: str = ...,
        agreed_to_terms: bool = ...,
        token: str = ...,
        get_api_key: bool = ...,
        usage_intent: str = ...,
        utm: Mapping[str, Any] = ...,
        referrer: str = ...,
    ) -> Response:
        """Create an account for somebody.

        Makes an account in that person's name and leaves yours alone; projects that the address was invited
        to are joined at once. Without an address the account is anonymous, where the server allows it.
        Every refusal comes back as account_creation_failed, with the reasons by option.

        Args:
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            first_name: Given name.
            last_name: Family name.
            email_address: Address to sign in with; stored in lower case.
            password: Password to sign in with, 6 to 64 characters.
            agreed_to_terms: Whether the person accepts the terms; needed only before December 2019.
            token: Registration token, on servers that ask for one.
            get_api_key: Also make an API key for the new account.
            usage_intent: What the person wants to use CoCalc for.
            utm: Marketing tags.
            referrer: Site that the person came from.
        """

    def delete_account(self, *, account_id: str | UUID, id: Any = ...) -> Response:
        """Mark an account as deleted.

        Closes the account, frees its e-mail address and unlinks its sign-in services; its projects stay.
        The server did not check whose account it was, so any key could close any account. Servers refuse it
        since May 2019.

        Args:
            account_id: The account to close.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def email_address_availability(
        self,
        *,
        email_address: str,
        id: Any = ...,
        is_available: bool = ...,
    ) -> Response:
        """Ask whether an e-mail address is still free.

        Nothing ever ran when it was sent, and the name disappeared in June 2017. To find the account of an
        address, use user_search.

        Args:
            email_address: The address to ask about.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            is_available: Was meant for the response.
        """

    def forgot_password(self, *, email_address: str, id: Any = ...) -> Response:
        """Mail somebody a link for setting a new password.

        The link works for one hour. Every try counts towards the limits, and the response tells whether the
        address has an account. Servers refuse it since May 2019.

        Args:
            email_address: The address of the account.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def get_usernames(self, *, account_ids: Sequence[str | UUID], id: Any = ...) -> Response:
        """Look up the names of accounts.

        Works for any account, whether or not you share a project. An id that no account has gives an empty
        object, one that is not a uuid fails the whole message. The server may be an hour behind on a
        changed name.

        Args:
            account_ids: The accounts to look up.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def reset_forgot_password(
        self,
        *,
        reset_code: str | UUID,
        new_password: str,
        id: Any = ...,
    ) -> Response:
        """Set a new password with the code from a mail.

        A code works once and for one hour; success signs the account out everywhere. Servers refuse it
        since May 2019.

        Args:
            reset_code: The code from the link in the mail.
            new_password: The password to use from now on, 6 to 64 characters.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def revoke_auth_token(self, *, auth_token: str, id: Any = ...) -> Response:
        """Make a sign-in token from user_auth useless.

        It was open to the API for a single day of June 2017, and the server failed instead of answering. A
        token ends by itself after 12 hours.

        Args:
            auth_token: The token to end.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def unlink_passport(self, *, strategy: str, id: str) -> Response:
        """Unlink a sign-in service from your account.

        Succeeds even when nothing was linked. Here id is the service's id for you, and the response carries
        it as its own id. Servers refuse it since May 2019.

        Args:
            strategy: The sign-in service: google, github, facebook, twitter or one that the server adds.
            id: Your id at that service; it comes back as the response's id.
        """

    def user_auth(self, *, account_id: str | UUID, password: str, id: Any = ...) -> Response:
        """Get a token that signs a browser in as an account.

        Whoever opens the server's page /app?auth_token=TOKEN within 12 hours is signed in as that account.
        The password is that account's, not yours; administrators may leave it empty. After a wrong one you
        wait a minute before the next try for the same account. %cocalc open PROJECT --sign-in asks for the
        password and makes such a link, which it shows once.

        Args:
            account_id: The account to sign in.
            password: Password of that account; administrators send an empty text.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def user_search(
        self,
        *,
        query: str,
        id: Any = ...,
        admin: bool = False,
        active: str = "",
        limit: int = 20,
        only_email: bool = False,
    ) -> Response:
        """Find accounts by name or e-mail address.

        Commas, semicolons and line breaks separate several searches, and what matches any of them is found.
        A text with an @ in it has to be somebody's whole address; any other finds names that contain all of
        its words. You get at most 50 accounts, and see addresses only where you searched for them.

        Args:
            query: Names or addresses, with commas between.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            admin: Search as an administrator: addresses too, and without the limit of 50.
            active: Only accounts active for this long, such as 3 months; later servers ignore it.
            limit: Accounts to find by name at most; no more than 50 unless you are an administrator.
            only_email: Only look for addresses.
        """

    def create_project(
        self,
        *,
        id: Any = ...,
        title: str = "",
        description: str = "",
        image: str = ...,
        license: str = ...,
        start: bool = False,
        noPool: bool = False,
    ) -> Response:
        """Create a project that you own.

        Answers as soon as the project is known; making its folder, and starting it when asked to, goes on
        after the answer.

        Args:
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            title: Title of the project.
            description: What it is for; Markdown, with #hashtags.
            image: Id of the software image to run.
            license: Ids of the licenses to apply, with commas between; they are not checked.
            start: Start it right away.
            noPool: Make a new project rather than hand out a prepared one.
        """

    def disconnect_from_project(
        self,
        *,
        project_id: str | UUID | Mapping[str, Any],
        id: Any = ...,
    ) -> Response:
        """Drop the server's connection to a project.

        For people who work on CoCalc itself. Only the one server process that takes the message lets go of
        the project, and it connects again when it needs to; the project keeps running.

        Args:
            project_id: The project to let go of.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def project_users(self, *, users: Sequence[Any], id: Any = ...) -> Response:
        """Tell a browser who is on a project.

        A message from the server to CoCalc's own pages that was opened to the API by mistake for a month of
        2017; nothing ran when it was sent. To see who is on a project, query its users.

        Args:
            users: People on the project.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def public_get_project_info(
        self,
        *,
        project_id: str | UUID | Mapping[str, Any],
        id: Any = ...,
    ) -> Response:
        """Ask for the public facts of a project.

        Nothing ever ran when it was sent, and the name disappeared in June 2017.

        Args:
            project_id: The project to ask about.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def public_project_info(self, *, info: Mapping[str, Any], id: Any = ...) -> Response:
        """Carry the public facts of a project.

        Was meant as the response to public_get_project_info; nothing ever ran when it was sent, and the
        name disappeared in June 2017.

        Args:
            info: The facts.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def save_project(self, *, project_id: str | UUID | Mapping[str, Any], id: Any = ...) -> Response:
        """Save a project to the server's storage.

        Nothing ever ran when it was sent over HTTP, and the name disappeared in June 2017.

        Args:
            project_id: The project to save.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def touch_project(self, *, project_id: str | UUID | Mapping[str, Any], id: Any = ...) -> Response:
        """Say that you are using a project.

        Starts the project's idle time over, so that it is not stopped soon, and connects the server to it.
        To start a project for certain, query it with an action_request instead.

        Args:
            project_id: The project that you use.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def add_collaborator(
        self,
        *,
        account_id: str | UUID | Sequence[str | UUID],
        id: Any = ...,
        project_id: str | UUID | Mapping[str, Any] | Sequence[str | Mapping[str, Any]] = ...,
        token_id: str | Sequence[str] = ...,
    ) -> Response:
        """Add accounts to projects, without any mail.

        Takes one project and account, or two arrays of equal length that are paired up. With token_id, an
        invite token, you need not be on the project: the token tells which one. Whoever is there already is
        skipped, and when one addition fails those before it stay.

        Args:
            account_id: The account to add, or several.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            project_id: The project, or one for each account; not needed with token_id.
            token_id: Invite token, or one for each account; it tells the project.
        """

    def invite_collaborator(
        self,
        *,
        project_id: str | UUID | Mapping[str, Any],
        account_id: str | UUID,
        id: Any = ...,
        title: str = ...,
        link2proj: str = ...,
        replyto: str = ...,
        replyto_name: str = ...,
        email: str = ...,
        subject: str = ...,
    ) -> Response:
        """Add an account to a project, with a mail if you like.

        The account is on the project at once; nobody has to accept. A mail goes out only when you give its
        text in email, and not again within seven days to the same address for the same project.

        Args:
            project_id: The project to add to.
            account_id: The account to add.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            title: Title of the project, for the mail.
            link2proj: Link to the project, for the mail.
            replyto: Address that replies to the mail go to.
            replyto_name: Name that goes with it.
            email: Text of the mail, plain or HTML; no mail without it.
            subject: Subject of the mail.
        """

    def invite_noncloud_collaborators(
        self,
        *,
        project_id: str | UUID | Mapping[str, Any],
        to: str,
        email: str,
        title: str,
        link2proj: str,
        id: Any = ...,
        replyto: str = ...,
        replyto_name: str = ...,
        subject: str = ...,
    ) -> Response:
        """Invite people to a project by e-mail address.

        An address that has an account is added at once, without a mail. Any other gets a mail, at most once
        in seven days, and joins when an account with it is made within 14 days. One bad address fails the
        whole message, though others may have been handled already.

        Args:
            project_id: The project to invite to.
            to: Addresses, with commas, semicolons or blanks between; at most 1024 characters in all.
            email: Text of the mail, plain or HTML.
            title: Title of the project, for the mail.
            link2proj: Link to the project, for the mail.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            replyto: Address that replies go to; the server's help address when left out.
            replyto_name: Name that goes with it.
            subject: Subject of the mail; CoCalc Invitation when left out.
        """

    def remove_collaborator(
        self,
        *,
        project_id: str | UUID | Mapping[str, Any],
        account_id: str | UUID,
        id: Any = ...,
    ) -> Response:
        """Take an account off a project.

        Anybody on a project may take off anybody but its owner. Taking off the owner, or somebody who is
        not there, changes nothing and still reports success. No mail is sent.

        Args:
            project_id: The project to take it off.
            account_id: The account to take off.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def copy_path_between_projects(
        self,
        *,
        src_project_id: str | UUID | Mapping[str, Any],
        src_path: str,
        target_project_id: str | UUID | Mapping[str, Any],
        id: Any = ...,
        target_path: str = ...,
        overwrite_newer: bool = False,
        delete_missing: bool = False,
        backup: bool = False,
        timeout: float = ...,
        exclude_history: bool = False,
        wait_until_done: bool = False,
        scheduled: str = ...,
        exclude: Sequence[str] = ...,
    ) -> Response:
        """Copy files from one project to another.

        Paths start at the home folders. A slash at the end of a source folder copies what is in it, one at
        the end of the target means into that folder. Files that are newer at the target stay, unless you
        say overwrite_newer. Where projects run on a cluster the copy is a job that goes on after the
        answer; copy_path_status tells how it went.

        Args:
            src_project_id: Project to copy from.
            src_path: File or folder to copy.
            target_project_id: Project to copy to; you have to be on it.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            target_path: Where to put it; the same path as in the source when left out.
            overwrite_newer: Also overwrite files that are newer at the target.
            delete_missing: Delete files at the target that the source does not have.
            backup: Keep the files it would overwrite, with ~ at the end of their names.
            timeout: Seconds without progress before the copy gives up; no limit when left out.
            exclude_history: Leave out *.sage-history files.
            wait_until_done: Answer when the copy has ended, not when it is queued.
            scheduled: Date and time in UTC before which the copy does not start.
            exclude: Patterns of files to leave out, as rsync takes them.
        """

    def copy_path_delete(self, *, copy_path_id: str | UUID = ...) -> Response:
        """Cancel a copy that is scheduled for later.

        Takes away a job that has a scheduled time and has not ended; you need the same access as for the
        copy. The response has the event of copy_path_status, with a sentence as its data. It takes no id.

        Args:
            copy_path_id: The job to cancel; the server fails without it.
        """

    def copy_path_status(
        self,
        *,
        copy_path_id: str | UUID = ...,
        src_project_id: str | UUID | Mapping[str, Any] = ...,
        target_project_id: str | UUID | Mapping[str, Any] = ...,
        src_path: str = ...,
        limit: int = 1000,
        offset: int = 0,
        pending: bool = True,
        failed: bool = False,
    ) -> Response:
        """Ask how a copy is doing, or list copies.

        With copy_path_id alone it tells about that job; with a source or target project it lists jobs,
        newest first. The list holds unfinished jobs unless you say pending: false or failed: true. It takes
        no id, and its records say source_ where the options say src_.

        Args:
            copy_path_id: The job to ask about; ignored when a project is given.
            src_project_id: List copies from this project.
            target_project_id: List copies to this project.
            src_path: List copies of exactly this path.
            limit: Jobs to list at most, 0 to 1000.
            offset: Jobs to skip, 0 to 100000.
            pending: List unfinished jobs; false lists finished ones.
            failed: List only jobs that failed.
        """

    def copy_public_path_between_projects(
        self,
        *,
        src_project_id: str | UUID | Mapping[str, Any],
        src_path: str,
        target_project_id: str | UUID | Mapping[str, Any],
        id: Any = ...,
        target_path: str = ...,
        overwrite_newer: bool = False,
        delete_missing: bool = False,
        backup: bool = False,
        timeout: float = ...,
        exclude_history: bool = False,
        exclude: Sequence[str] = ...,
    ) -> Response:
        """Copy published files into a project of yours.

        The source has to be published, or lie in a published folder; you need not be on its project. The
        answer comes when the copy has ended, so give it time.

        Args:
            src_project_id: Project that published the files.
            src_path: Published file or folder.
            target_project_id: Project to copy to; you have to be on it.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            target_path: Where to put it; the same path as in the source when left out.
            overwrite_newer: Also overwrite files that are newer at the target.
            delete_missing: Delete files at the target that the source does not have.
            backup: Keep the files it would overwrite, with ~ at the end of their names.
            timeout: Seconds without progress before the copy gives up; no limit when left out.
            exclude_history: Leave out *.sage-history files.
            exclude: Taken, but without effect.
        """

    def get_syncdoc_history(self, *, string_id: str, id: Any = ..., patches: bool = ...) -> Response:
        """List the edits of a shared document.

        Tells for every edit, oldest first, who made it and when, and how long it is; with patches, also
        what it changed. You have to be on the document's project.

        Args:
            string_id: The document: 40 hex digits made of its project and path, as the table syncstrings
                has them.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            patches: Also give the edits themselves.
        """

    def public_directory_listing(self, *, result: Mapping[str, Any], id: Any = ...) -> Response:
        """Carry the list of a published folder.

        The response to public_get_directory_listing, opened to the API by mistake for two weeks of 2017;
        nothing ran when it was sent.

        Args:
            result: The list.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def public_get_directory_listing(
        self,
        *,
        project_id: str | UUID | Mapping[str, Any],
        path: str,
        id: Any = ...,
        hidden: bool = False,
        time: bool = False,
        start: int = 0,
        limit: int = -1,
    ) -> Response:
        """List what a project publishes in a folder.

        You need not be on the project. A published folder is listed in full, any other only as far as its
        entries are published themselves. Servers dropped it in July 2021; query the table public_paths
        instead.

        Args:
            project_id: Project that publishes.
            path: Folder to list; empty for the home folder.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            hidden: Also list names that begin with a dot.
            time: Newest first, rather than by name.
            start: Entries to skip.
            limit: Entries to list at most; -1 for all.
        """

    def public_get_text_file(
        self,
        *,
        project_id: str | UUID | Mapping[str, Any],
        path: str,
        id: Any = ...,
    ) -> Response:
        """Read a published text file of any project.

        You need not be on the project; the file may have up to 20 MB. Servers dropped it in July 2021; copy
        the file into a project of yours by copy_public_path_between_projects instead.

        Args:
            project_id: Project that published the file.
            path: The file; its path starts at the home folder.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def public_text_file_contents(self, *, data: str, id: Any = ...) -> Response:
        """Carry the text of a published file.

        The response to public_get_text_file, opened to the API by mistake for two weeks of 2017; nothing
        ran when it was sent.

        Args:
            data: The text.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def read_text_file_from_project(
        self,
        *,
        project_id: str | UUID | Mapping[str, Any] | Sequence[str | Mapping[str, Any]],
        path: str | Sequence[str],
        id: Any = ...,
    ) -> Response:
        """Read one or more text files of your projects.

        Files of up to 10 MB, read as UTF-8; a folder comes back as garbage. For several files give two
        arrays of equal length: the contents then come in any order, each with its project and path, and a
        file that can not be read has an error of its own.

        Args:
            project_id: The project, or one for each file.
            path: The file, or several; paths start at the home folder.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def write_text_file_to_project(
        self,
        *,
        project_id: str | UUID | Mapping[str, Any],
        path: str,
        content: str,
        id: Any = ...,
    ) -> Response:
        """Write a text file into a project.

        Makes the folders that are missing and replaces a file without asking; the project starts when it
        has to. The text is stored as UTF-8, and many servers take no more than about 100 kB.

        Args:
            project_id: The project to write to.
            path: The file; its path starts at the home folder.
            content: All of the new text; empty for an empty file.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def project_exec(
        self,
        *,
        project_id: str | UUID | Mapping[str, Any],
        command: str,
        id: Any = ...,
        path: str = "",
        args: Sequence[str] = [],
        timeout: float = 10,
        aggregate: float | str = ...,
        max_output: int = ...,
        bash: bool = False,
        err_on_exit: bool = True,
    ) -> Response:
        """Run a program or shell line in a project.

        The project starts when it has to, and the first run may then take too long. A text with blanks and
        no args runs in bash, anything else directly. When the program fails, so does the message, with what
        it wrote to stderr; err_on_exit: false gives you its output and exit code instead.

        Args:
            project_id: The project to run in.
            command: Program, or a line for the shell.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            path: Folder to run in; starts at the home folder.
            args: What to hand to the program, one text each.
            timeout: Seconds until it is stopped; with 0 the server never answers.
            aggregate: Equal runs at a time with an equal value here run once.
            max_output: Characters to keep of each of stdout and stderr; all when left out.
            bash: Run it in bash, whatever it looks like.
            err_on_exit: Take an exit code other than 0 as an error.
        """

    def query(
        self,
        *,
        query: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        id: Any = ...,
        changes: bool = ...,
        multi_response: bool = False,
        options: Sequence[Mapping[str, Any]] = ...,
    ) -> Response:
        """Read or change records of the server's tables.

        Name one table and a record: a null asks for a field, any other value is a condition, and a record
        without nulls is written. Brackets around the record ask for all that match, rather than the first.
        Finding nothing is not an error; you see only what concerns you and your projects.

        Args:
            query: A record by its table, {table: record}; an array of these runs one after the other.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            changes: Meant for browsers; over HTTP only the first result arrives.
            multi_response: Meant for browsers; true is refused.
            options: Objects such as {"limit": 10}, {"order_by": "-time"} or {"set": true}, which makes it a
                write.
        """

    def add_license_to_project(
        self,
        *,
        project_id: str | UUID | Mapping[str, Any],
        license_id: str | UUID,
        id: Any = ...,
    ) -> Response:
        """Apply a license to a project.

        Notes the license's id on the project. Whether it holds, and is not used up, shows only when the
        project next starts.

        Args:
            project_id: The project to upgrade.
            license_id: The license to apply.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def purchase_license(self, *, info: Mapping[str, Any], id: Any = ...) -> Response:
        """Buy a license.

        Charges your payment card and makes a license that you manage, at most one in 15 seconds. Servers
        from the end of July 2023 on only answer that this is over; buy licenses in the shop on the server's
        pages.

        Args:
            info: What to buy: type, user, upgrade, quantity, subscription, start, end and the like.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def remove_license_from_project(
        self,
        *,
        project_id: str | UUID | Mapping[str, Any],
        license_id: str | UUID,
        id: Any = ...,
    ) -> Response:
        """Take a license off a project.

        The project keeps what it has until it next starts. Taking off a license that is not there succeeds
        too.

        Args:
            project_id: The project to take it off.
            license_id: The license to take off.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def create_support_ticket(
        self,
        *,
        email_address: str,
        subject: str,
        body: str,
        id: Any = ...,
        username: str = ...,
        tags: Sequence[str] = ...,
        account_id: str | UUID = ...,
        location: str = ...,
        info: Mapping[str, Any] = ...,
    ) -> Response:
        """Ask the server's support for help.

        Opens a ticket and gives you its address. Without account_id the ticket will not show among yours.
        Servers from October 2021 on only answer that this is over.

        Args:
            email_address: Address that the answer goes to.
            subject: What it is about.
            body: The question: text, Markdown or HTML.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            username: Name on the ticket; the e-mail address when left out.
            tags: Labels for the ticket.
            account_id: Account that the ticket belongs to.
            location: Page of the server that it is about, as a path.
            info: More about it: project_id, browser, mobile, internet, hostname, course, quotas.
        """

    def get_support_tickets(self, *, id: Any = ...) -> Response:
        """List your support tickets.

        Finds the tickets that carry your account; a new one may take minutes to show, and archived ones are
        left out. Servers from October 2021 on only answer that this is over.

        Args:
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def jupyter_execute(
        self,
        *,
        id: Any = ...,
        hash: str = ...,
        kernel: str = ...,
        input: str = ...,
        history: Sequence[str] = ...,
        project_id: str | UUID | Mapping[str, Any] = ...,
        path: str = ...,
        tag: str = ...,
        pool: Mapping[str, Any] = ...,
        limits: Mapping[str, Any] = ...,
    ) -> Response:
        """Run code in a Jupyter kernel.

        Servers remember what code gave for a month. The recorded server answers with such a result, by hash
        or by the same code, but can not run new code this way, since it forgets who asks; use project_exec
        to run code.

        Args:
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            hash: Key of an earlier result, instead of code.
            kernel: Kernel to run in, such as python3; needed without hash.
            input: The code.
            history: Code that runs before it.
            project_id: Project to run in; the server's own kernels when left out.
            path: Folder or file that the code belongs to.
            tag: Label for the server's statistics.
            pool: Taken, but without effect.
            limits: Taken, but without effect.
        """

    def jupyter_kernels(
        self,
        *,
        id: Any = ...,
        project_id: str | UUID | Mapping[str, Any] = ...,
        kernels: Sequence[Any] = ...,
    ) -> Response:
        """List the Jupyter kernels there are.

        Those of a project that you are on, or the server's own. The list may be half a minute old. The
        response has the same event as the message.

        Args:
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            project_id: The project to ask; the server's own kernels when left out.
            kernels: Was meant for the response.
        """

    def jupyter_port(self, *, id: Any = ..., port: int = ..., mathjax_url: str = ...) -> Response:
        """Ask where a project's classic Jupyter server listens.

        It was open to the API in May and June 2017, but nothing ran when it was sent.

        Args:
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            port: Was meant for the response.
            mathjax_url: Where MathJax is; was meant for the response.
        """

    def jupyter_start_pool(
        self,
        *,
        id: Any = ...,
        project_id: str | UUID | Mapping[str, Any] = ...,
        kernels: Sequence[str] = ...,
    ) -> Response:
        """Start Jupyter kernels ahead of their use.

        Servers take it, and then nothing runs; it was never finished.

        Args:
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            project_id: Project to start them in.
            kernels: Names of the kernels.
        """

    def chatgpt(
        self,
        *,
        text: str,
        id: Any = ...,
        system: str = ...,
        history: Sequence[Mapping[str, Any]] = ...,
        project_id: str | UUID | Mapping[str, Any] = ...,
        path: str = ...,
        model: str = ...,
        tag: str = ...,
        stream: bool = ...,
    ) -> Response:
        """Ask a language model.

        Sends your text, with any earlier exchange, and waits for the whole answer. How much you may ask in
        an hour is limited, and models that cost something are charged to your account.

        Args:
            text: What to ask.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            system: What the model should know or be beforehand.
            history: Earlier exchange: objects with role (user, assistant or system) and content.
            project_id: Project that it is about, for the bill.
            path: File that it is about, for the log.
            model: Model to ask; the server's usual one when left out.
            tag: Label for the server's statistics.
            stream: Answer piece by piece; over HTTP only the first piece arrives.
        """

    def openai_embeddings_get(
        self,
        *,
        project_id: str | UUID | Mapping[str, Any],
        path: str,
        data: Sequence[Mapping[str, Any]],
        id: Any = ...,
        selector: Mapping[str, Any] = ...,
    ) -> Response:
        """Read back what was indexed for searching.

        It was there for two days of May 2023 only.

        Args:
            project_id: Project of the file.
            path: The file.
            data: Which pieces to read.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            selector: Which of their values to read.
        """

    def openai_embeddings_remove(
        self,
        *,
        project_id: str | UUID | Mapping[str, Any],
        path: str,
        data: Sequence[Mapping[str, Any]],
        id: Any = ...,
    ) -> Response:
        """Remove pieces of a file from the search index.

        You have to be on the project. An empty array removes nothing and is fine. Servers from October 2024
        on only answer that this is over.

        Args:
            project_id: Project of the file.
            path: The file.
            data: The pieces, objects with a payload.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def openai_embeddings_save(
        self,
        *,
        project_id: str | UUID | Mapping[str, Any],
        path: str,
        data: Sequence[Mapping[str, Any]],
        id: Any = ...,
    ) -> Response:
        """Add pieces of a file to the search index.

        You have to be on the project. Each piece is an object with a payload and the name of the field in
        it that holds the text. Servers from October 2024 on only answer that this is over.

        Args:
            project_id: Project of the file.
            path: The file.
            data: The pieces: {payload, field}, where payload holds a text under the name in field.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def openai_embeddings_search(
        self,
        *,
        scope: str | Sequence[str],
        limit: int,
        id: Any = ...,
        text: str = ...,
        filter: Mapping[str, Any] = ...,
        selector: Mapping[str, Any] = ...,
        offset: int | str | UUID = ...,
    ) -> Response:
        """Search indexed files by meaning.

        Looks in one or more places: share for what is published, or projects/PROJECT/files/PATH in projects
        that you are on. Without text it lists what passes the filter. Servers from October 2024 on only
        answer that this is over.

        Args:
            scope: Where to look; one place or several.
            limit: Hits at most, 1 to 500.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            text: What to look for, in at most 2000 characters.
            filter: Conditions, as Qdrant takes them.
            selector: Which values of the hits to give: {include, exclude}, arrays of names.
            offset: Hits to skip; without text the id to go on from.
        """

    def available_upgrades(
        self,
        *,
        total: Mapping[str, Any],
        excess: Mapping[str, Any],
        available: Mapping[str, Any],
        id: Any = ...,
    ) -> Response:
        """Carry the upgrades that somebody has left.

        The response to get_available_upgrades, opened to the API by mistake for nine days of 2018; nothing
        ran when it was sent.

        Args:
            total: Everything owned.
            excess: What is used beyond that.
            available: What is left.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def get_available_upgrades(self, *, id: Any = ...) -> Response:
        """List the upgrades that you own and have left.

        Memory and disk count in MB, cores in cores, cpu_shares in 1/1024 of a core, mintime in seconds, and
        network and member_host in projects. Whoever never paid for anything gets an error on later servers.

        Args:
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def stripe_cancel_subscription(
        self,
        *,
        subscription_id: str,
        id: Any = ...,
        at_period_end: bool = True,
    ) -> Response:
        """Cancel a subscription.

        It runs to the end of the time that you paid for, unless at_period_end is false: then it stops at
        once. Later servers answer with nothing but the id.

        Args:
            subscription_id: The subscription to cancel.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            at_period_end: Let it run to the end of the paid time.
        """

    def stripe_create_source(self, *, token: str, id: Any = ...) -> Response:
        """Add a payment card to your account.

        The token stands for the card; Stripe's own form in a browser makes it, so that the card's number
        never comes here. Later servers answer with nothing but the id.

        Args:
            token: Stripe's token for the card.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def stripe_create_subscription(
        self,
        *,
        plan: str,
        id: Any = ...,
        quantity: int = 1,
        coupon_id: str = ...,
    ) -> Response:
        """Subscribe to a plan.

        Charges your default card, again each period until you cancel. Later servers answer with nothing but
        the id.

        Args:
            plan: Name of the plan.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            quantity: How many of it.
            coupon_id: Coupon to use.
        """

    def stripe_customer(
        self,
        *,
        id: Any = ...,
        customer: Mapping[str, Any] = ...,
        stripe_publishable_key: str = ...,
    ) -> Response:
        """Carry the payment data of an account.

        The response to stripe_get_customer, opened to the API by mistake; servers take it, and then nothing
        runs.

        Args:
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            customer: The data.
            stripe_publishable_key: The server's public key at Stripe.
        """

    def stripe_delete_source(self, *, card_id: str, id: Any = ...) -> Response:
        """Remove a payment card from your account.

        The server can not charge the card any more. Later servers answer with nothing but the id.

        Args:
            card_id: The card to remove.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def stripe_get_charges(
        self,
        *,
        id: Any = ...,
        limit: int = ...,
        ending_before: str = ...,
        starting_after: str = ...,
    ) -> Response:
        """List what was charged to your cards.

        Newest first, page by page, as Stripe keeps them.

        Args:
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            limit: Entries to list at most.
            ending_before: List those before the entry with this id.
            starting_after: List those after the entry with this id.
        """

    def stripe_get_coupon(self, *, coupon_id: str, id: Any = ...) -> Response:
        """Look up a coupon.

        Tells what the coupon is worth, and refuses one that is too old or that you have used up.

        Args:
            coupon_id: The coupon.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def stripe_get_customer(self, *, id: Any = ...) -> Response:
        """Show what the payment service keeps about you.

        Cards and subscriptions, as Stripe keeps them; nothing if you never paid for anything.

        Args:
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def stripe_get_invoices(
        self,
        *,
        id: Any = ...,
        limit: int = ...,
        ending_before: str = ...,
        starting_after: str = ...,
    ) -> Response:
        """List your invoices.

        Newest first, page by page, as Stripe keeps them.

        Args:
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            limit: Entries to list at most.
            ending_before: List those before the entry with this id.
            starting_after: List those after the entry with this id.
        """

    def stripe_get_plans(self, *, id: Any = ...) -> Response:
        """List the plans that you can subscribe to.

        Servers dropped it in April 2021; the server's pages list what there is to buy.

        Args:
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def stripe_get_subscriptions(
        self,
        *,
        id: Any = ...,
        limit: int = ...,
        ending_before: str = ...,
        starting_after: str = ...,
    ) -> Response:
        """List your subscriptions.

        Newest first, page by page, as Stripe keeps them.

        Args:
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            limit: Entries to list at most.
            ending_before: List those before the entry with this id.
            starting_after: List those after the entry with this id.
        """

    def stripe_plans(self, *, plans: Sequence[Any], id: Any = ...) -> Response:
        """Carry the plans that one can subscribe to.

        The response to stripe_get_plans, opened to the API by mistake; servers take it, and then nothing
        runs.

        Args:
            plans: The plans.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def stripe_set_default_source(self, *, card_id: str, id: Any = ...) -> Response:
        """Choose the card that is charged.

        From then on subscriptions and purchases charge this one of your cards. Later servers answer with
        nothing but the id.

        Args:
            card_id: The card to charge.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def stripe_update_source(self, *, card_id: str, info: Mapping[str, Any], id: Any = ...) -> Response:
        """Change what is stored about a payment card.

        For the date until which it is valid, the holder's name and the like; the number can not be changed.
        Later servers answer with nothing but the id.

        Args:
            card_id: The card to change.
            info: The new values by Stripe's names, such as exp_year; no metadata.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
        """

    def stripe_update_subscription(
        self,
        *,
        subscription_id: str,
        id: Any = ...,
        quantity: int = ...,
        projects: Sequence[Any] = ...,
        plan: str = ...,
        coupon_id: str = ...,
    ) -> Response:
        """Change a subscription.

        Only what you give changes: how many, the plan, the coupon. What it costs changes with it. Later
        servers answer with nothing but the id.

        Args:
            subscription_id: The subscription to change.
            id: Comes back in the response, so that the two can be matched; made up by the server when left
                out.
            quantity: How many of it from now on.
            projects: Taken, but without effect.
            plan: Name of the plan to change to.
            coupon_id: Coupon to use.
        """
